using System.CommandLine;

namespace Agb.Server;

/// <summary>The commands of the program.</summary>
internal static class CommandTree
{
    /// <summary>The exit code for an invalid command line.</summary>
    internal const int UsageError = 2;

    private static readonly Option<string> s_data = new("--data")
    {
        Description = "Data directory with the keys and every owner's store.",
        HelpName = "DIR",
        Required = true,
    };

    /// <summary>Builds the commands.</summary>
    internal static RootCommand Create(TextWriter output, TextWriter errors) =>
        new("The AGB API in front of the embedded engine.") { Doctor(output), Fsck(output), Serve(errors), Keys(output, errors) };

    private static Command Doctor(TextWriter output)
    {
        var noInstall = new Option<bool>("--no-install") { Description = "Install nothing." };
        var images = new Option<string[]>("--image") { Description = "Install the browser and the desktop of this image too, such as agb-browser-use-1." };
        var command = new Command(
            "doctor",
            "Checks this host, installs missing programs if permitted, then carries data from one session to another. "
            + "Exit code: 0 the data arrived, 1 it did not, 2 wrong usage.")
        {
            noInstall, images,
        };
        command.SetAction((parsed, cancellationToken) => new DoctorCommand(output).RunAsync(install: !parsed.GetValue(noInstall), parsed.GetValue(images) ?? [], cancellationToken));
        return command;
    }

    private static Command Fsck(TextWriter output)
    {
        var repair = new Option<bool>("--repair") { Description = "Repair problems, if possible without loss of data." };
        var removeOrphans = new Option<bool>("--remove-orphans")
        {
            Description = "Remove layers missing in the catalog, even complete ones. Their data is lost for good, also if the catalog is only an older copy.",
        };
        var deep = new Option<bool>("--deep") { Description = "Read all content too, and record missing hashes." };
        var data = new Option<string?>("--data") { Description = "A server's data directory, with a store for each owner.", HelpName = "DIR" };
        var home = new Option<string?>("--home") { Description = "Directory of a single store. Default: the embedded store.", HelpName = "DIR" };
        var command = new Command(
            "fsck",
            "Compares a store's catalog with its layers, and both with the recorded checksums. Exit code: 0 sound, 1 problems, 2 wrong usage, "
            + "3 all problems repaired.")
        {
            repair, removeOrphans, deep, data, home,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(data) is not null && result.GetResult(home) is not null)
            {
                result.AddError("Give either --data or --home, not both.");
            }
            foreach (var empty in new Option[] { data, home }.Where(o => result.GetResult(o) is { Tokens: [{ Value: "" }] }))
            {
                result.AddError($"{empty.Name} needs a directory.");
            }
        });
        command.SetAction((parsed, cancellationToken) => FsckCommand.RunAsync(
            new FsckOptions(
                parsed.GetValue(repair), parsed.GetValue(removeOrphans), parsed.GetValue(deep), parsed.GetValue(data), parsed.GetValue(home)),
            output, cancellationToken));
        return command;
    }

    private static Command Serve(TextWriter errors)
    {
        var urls = new Option<string>("--urls") { Description = "Addresses to listen on, separated by semicolons.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:8765" };
        var apiKey = new Option<string?>("--api-key") { Description = "One fixed key, for tests and demos. The environment variable AGB_SERVER_API_KEY keeps it out of the process list.", HelpName = "KEY" };
        var insecure = new Option<bool>("--insecure") { Description = "Allow unencrypted addresses reachable from other machines." };
        var certificate = new Option<string?>("--certificate") { Description = "PEM file with the certificate for https.", HelpName = "FILE" };
        var certificateKey = new Option<string?>("--certificate-key") { Description = "PEM file with its key.", HelpName = "FILE" };
        var publicUrl = new Option<Uri?>("--public-url") { Description = "Public base URL, if the server is behind a proxy.", HelpName = "URL" };
        var maxRequest = new Option<int>("--max-request-mib") { Description = "Largest request body in MiB, except for uploads.", DefaultValueFactory = _ => (int)(ServerOptions.DefaultMaxRequestBytes >> 20) };
        var maxUpload = new Option<long>("--max-upload-mib") { Description = "Largest uploaded file in MiB; 0 for no limit.", DefaultValueFactory = _ => ServerOptions.DefaultMaxUploadBytes >> 20 };
        var rate = new Option<int>("--requests-per-second") { Description = "Most requests per second of one owner; 0 for no limit.", DefaultValueFactory = _ => ServerOptions.DefaultRequestsPerSecond };
        var idle = new Option<int>("--idle-timeout") { Description = "Default idle timeout of a session, in seconds; 0 for never." };
        var limits = new LimitOptions();
        var load = new LoadOptions();
        var guard = new GuardOptions();
        var log = new Option<LogFormat>("--log") { Description = "Log format: json or text." };
        var command = new Command("serve", "Serves the AGB API until stopped.")
        {
            s_data, urls, apiKey, insecure, certificate, certificateKey, publicUrl, maxRequest, maxUpload, rate, idle, log,
        };
        limits.AddTo(command);
        load.AddTo(command);
        guard.AddTo(command);
        // A request body is held in memory in one piece.
        Between(maxRequest, 1, 1024);
        Between(maxUpload, 0, long.MaxValue >> 20);
        Between(rate, 0, int.MaxValue);
        Between(idle, 0, int.MaxValue);
        command.SetAction((parsed, cancellationToken) => GuardAsync(errors, () => ServeCommand.RunAsync(
            guard.Apply(new ServerOptions
            {
                DataDirectory = FullPath(parsed.GetRequiredValue(s_data)),
                Listen = ListenAddress.ParseAll(parsed.GetRequiredValue(urls)),
                FixedApiKey = parsed.GetValue(apiKey) ?? (Environment.GetEnvironmentVariable("AGB_SERVER_API_KEY") is { Length: > 0 } key ? key : null),
                IsInsecure = parsed.GetValue(insecure),
                CertificateFile = parsed.GetValue(certificate),
                CertificateKeyFile = parsed.GetValue(certificateKey),
                PublicUrl = RequirePublic(parsed.GetValue(publicUrl)),
                MaxRequestBytes = (long)parsed.GetValue(maxRequest) << 20,
                MaxUploadBytes = parsed.GetValue(maxUpload) is > 0 and var mib ? mib << 20 : null,
                RequestsPerSecond = parsed.GetValue(rate),
                DefaultIdleTimeout = parsed.GetValue(idle) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null,
                DefaultLimits = limits.Read(parsed),
                Load = load.Read(parsed),
                LogFormat = parsed.GetValue(log),
            },
            parsed),
            cancellationToken)));
        return command;
    }

    private static Command Keys(TextWriter output, TextWriter errors)
    {
        var name = new Argument<string>("NAME") { Description = "The key's name." };
        var owner = new Option<string?>("--owner") { Description = "Owner of the data. Default: a new owner.", HelpName = "OWNER" };
        var add = new Command("add", "Makes a key and prints it, once.") { name, owner, s_data };
        add.SetAction((parsed, _) => GuardAsync(errors, () => new KeysCommand(output, FullPath(parsed.GetRequiredValue(s_data))).AddAsync(parsed.GetRequiredValue(name), parsed.GetValue(owner))));
        var list = new Command("list", "Lists the keys, without the keys themselves.") { s_data };
        list.SetAction((parsed, _) => GuardAsync(errors, () => new KeysCommand(output, FullPath(parsed.GetRequiredValue(s_data))).ListAsync()));
        var remove = new Command("remove", "Removes a key. A running server refuses it at once. The owner's data stays.") { name, s_data };
        remove.SetAction((parsed, _) => GuardAsync(errors, () => new KeysCommand(output, FullPath(parsed.GetRequiredValue(s_data))).RemoveAsync(parsed.GetRequiredValue(name))));
        return new Command("keys", "The API keys of a server.") { add, list, remove };
    }

    private static async Task<int> GuardAsync(TextWriter errors, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            return 0;
        }
        catch (AgbException e)
        {
            await errors.WriteLineAsync($"{e.ErrorId}: {e.Message}{(e.Remedy is null ? "" : "\n  " + e.Remedy)}").ConfigureAwait(false);
            return 1;
        }
        catch (OperationCanceledException)
        {
            // Stopped before the start.
            return 1;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // As one sentence: a stack trace does not help the user.
            await errors.WriteLineAsync($"{AgbErrorIds.UnexpectedError}: {e.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static string FullPath(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static Uri? RequirePublic(Uri? url) =>
        url is null or { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" }
            ? url
            : throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"'{url}' is not a valid public URL; expected http:// or https:// and a host.");

    /// <summary>Adds options to a command.</summary>
    internal static void Add(Command command, params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
        {
            command.Add(option);
        }
    }

    /// <summary>Limits an option's number.</summary>
    internal static void Between(Option option, long least, long most) => option.Validators.Add(result =>
    {
        // The library reads the value later and reports non-numbers itself.
        if (result.Tokens is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out var number) && (number < least || number > most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be a number from {least} to {most}."));
        }
    });
}
