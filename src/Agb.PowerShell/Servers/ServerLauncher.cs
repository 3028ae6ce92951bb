using System.Diagnostics;
using System.Globalization;
using System.Security;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Servers;

/// <summary>Starts and stops Agb.Server, a program of its own: it needs the ASP.NET Core runtime, which PowerShell has not.</summary>
internal static class ServerLauncher
{
    private const string KeyName = "default";
    private const int Terminate = 15;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(500);

    // Lets the server outlive this process and its terminal, and says which process it is.
    private const string StartScript = "log=$1; shift; umask 077; setsid \"$@\" </dev/null >>\"$log\" 2>&1 & echo $!";

    /// <summary>The data directory used when none is named.</summary>
    internal static string DefaultDataDirectory(string home) => Path.Combine(home, "server");

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="address">Where it shall answer; port 0 for a free one.</param>
    /// <param name="dataDirectory">Its directory, which is made when it does not exist.</param>
    /// <param name="isInsecure">Let it answer on other addresses than loopback without TLS.</param>
    /// <param name="limits">Options for how much it lets sessions use, and how much it takes on.</param>
    /// <param name="token">Ends the wait, and the server.</param>
    /// <exception cref="AgbException">HostNotReady, ServiceNotAvailable with the end of its log.</exception>
    internal static async Task<AgbServerProcess> StartAsync(
        Uri address, string dataDirectory, bool isInsecure, IReadOnlyList<string> limits, CancellationToken token)
    {
        if (!Hosting.Platform.IsLinux)
        {
            throw Hosting.Platform.NeedsLinux("A server");
        }
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        EmbeddedEngine.RequireUsable(dataDirectory);
        Directory.CreateDirectory(dataDirectory, OwnerOnly);
        if (ServerRecord.Read(dataDirectory) is { } running)
        {
            return Describe(running, dataDirectory, null);
        }
        var key = await AddFirstKeyAsync(dataDirectory, token).ConfigureAwait(false);
        var log = LogOf(dataDirectory);
        var logged = File.Exists(log) ? new FileInfo(log).Length : 0;
        string[] arguments =
            ["serve", "--urls", address.GetLeftPart(UriPartial.Authority), "--data", dataDirectory, .. isInsecure ? ["--insecure"] : Array.Empty<string>(), .. limits];
        var started = await RunAsync("/bin/sh", ["-c", StartScript, "sh", log, .. Program(), .. arguments], token).ConfigureAwait(false);
        var pid = int.Parse(started.Trim(), CultureInfo.InvariantCulture);
        try
        {
            var endpoint = await WaitAsync(pid, log, logged, token).ConfigureAwait(false);
            var record = ServerRecord.Of(pid, endpoint) ?? throw Ended(log, logged);
            record.Write(dataDirectory);
            return Describe(record, dataDirectory, key);
        }
        catch
        {
            Kill(pid);
            throw;
        }
    }

    /// <summary>Asks the server of a data directory to end, and waits until it has: calls that are open are finished first.</summary>
    /// <returns>Whether one was running.</returns>
    internal static async Task<bool> StopAsync(string dataDirectory, TimeSpan limit, CancellationToken token)
    {
        if (ServerRecord.Read(dataDirectory) is not { } running)
        {
            return false;
        }
        Kill(running.ProcessId);
        var began = Stopwatch.GetTimestamp();
        for (var poll = s_firstPoll; running.IsAlive; poll = poll * 2 < s_longestPoll ? poll * 2 : s_longestPoll)
        {
            if (Stopwatch.GetElapsedTime(began) > limit)
            {
                throw new AgbException(
                    AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout,
                    $"The server (process {running.ProcessId}) did not end within {limit.TotalSeconds:0} s.",
                    "It finishes open calls first. Wait, and stop it again.", dataDirectory);
            }
            await Task.Delay(poll, token).ConfigureAwait(false);
        }
        ServerRecord.Forget(dataDirectory);
        return true;
    }

    private static AgbServerProcess Describe(ServerRecord record, string dataDirectory, SecureString? key) => new()
    {
        Endpoint = new Uri(record.Endpoint),
        ApiKey = key,
        DataDirectory = dataDirectory,
        ProcessId = record.ProcessId,
        LogFile = LogOf(dataDirectory),
    };

    private static string LogOf(string dataDirectory) => Path.Combine(dataDirectory, "server.log");

    /// <summary>A server without a key does not start, so the first start makes one.</summary>
    private static async Task<SecureString?> AddFirstKeyAsync(string dataDirectory, CancellationToken token)
    {
        var program = Program();
        var keys = await RunAsync(program[0], [.. program[1..], "keys", "list", "--data", dataDirectory], token).ConfigureAwait(false);
        if (keys.Trim().Length > 0)
        {
            return null;
        }
        var answer = await RunAsync(program[0], [.. program[1..], "keys", "add", KeyName, "--data", dataDirectory], token).ConfigureAwait(false);
        var key = new SecureString();
        foreach (var character in answer.Trim().Split('\n')[^1].Trim())
        {
            key.AppendChar(character);
        }
        key.MakeReadOnly();
        return key;
    }

    /// <summary>Waits until the log names the address, which is when the server answers.</summary>
    private static async Task<string> WaitAsync(int pid, string log, long from, CancellationToken token)
    {
        const string Mark = "Listening on ";
        var began = Stopwatch.GetTimestamp();
        for (var poll = s_firstPoll; ; poll = poll * 2 < s_longestPoll ? poll * 2 : s_longestPoll)
        {
            var text = ReadLog(log, from);
            if (text.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0
                && text.IndexOfAny(['\r', '\n', ','], at + Mark.Length) is var end and >= 0)
            {
                return text[(at + Mark.Length)..end];
            }
            if (ServerRecord.Of(pid, "") is null)
            {
                throw Ended(log, from);
            }
            if (Stopwatch.GetElapsedTime(began) > s_startLimit)
            {
                throw new AgbException(
                    AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout,
                    $"The server did not answer within {s_startLimit.TotalSeconds:0} s.", $"Look into its log, {log}.", log);
            }
            await Task.Delay(poll, token).ConfigureAwait(false);
        }
    }

    private static AgbException Ended(string log, long from)
    {
        var lines = ReadLog(log, from).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new AgbException(
            AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed,
            $"The server did not start: {(lines.Length > 0 ? string.Join(' ', lines[^Math.Min(3, lines.Length)..]) : "it wrote nothing")}",
            $"Its log is {log}.", log);
    }

    private static string ReadLog(string log, long from)
    {
        if (!File.Exists(log))
        {
            return "";
        }
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Min(from, file.Length);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    /// <summary>The program and its first arguments.</summary>
    private static string[] Program()
    {
        var module = Path.GetDirectoryName(typeof(ServerLauncher).Assembly.Location) ?? AppContext.BaseDirectory;
        var server = Path.Combine(module, "Agb.Server.dll");
        if (!File.Exists(server))
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
                $"The server is not part of this module: '{server}' does not exist.", "Build the module with ./build.ps1, or install it again.");
        }
        var dotnet = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/share/dotnet").Append("/usr/lib/dotnet")
            .Select(d => Path.Combine(d, "dotnet")).FirstOrDefault(File.Exists);
        return dotnet is not null
            ? [dotnet, server]
            : throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, "The server needs the ASP.NET Core 10 runtime, and there is no 'dotnet' on PATH.",
                "Install it: https://dotnet.microsoft.com/download/dotnet/10.0, the package aspnetcore-runtime-10.0.");
    }

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken token)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(token);
        var errors = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token).ConfigureAwait(false);
        return process.ExitCode == 0
            ? await output.ConfigureAwait(false)
            : throw new AgbException(
                AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed,
                $"'{program}' ended with exit code {process.ExitCode}: {(await errors.ConfigureAwait(false)).Trim()}",
                "Check that the ASP.NET Core 10 runtime is installed: dotnet --list-runtimes.");
    }

    private static void Kill(int pid)
    {
        // The process may have ended meanwhile, which is what was wanted.
        using var process = Process.Start("/bin/kill", ["-" + Terminate.ToString(CultureInfo.InvariantCulture), pid.ToString(CultureInfo.InvariantCulture)]);
        process.WaitForExit();
    }
}
