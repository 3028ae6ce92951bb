using System.Diagnostics;
using System.Security;

namespace Agb.PowerShell;

/// <summary>Starts and stops servers.</summary>
internal static class ServerLauncher
{
    private const string KeyName = "default";
    private const int Terminate = 15;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(500);

    // Lets the server outlive this process and its terminal, and prints the server's process id.
    private const string StartScript = "log=$1; shift; umask 077; setsid \"$@\" </dev/null >>\"$log\" 2>&1 & echo $!";

    /// <summary>The default data directory.</summary>
    internal static string DefaultDataDirectory(string home) => Path.Combine(home, "server");

    /// <summary>The running servers of this user.</summary>
    internal static IEnumerable<AgbServerProcess> Running() => RunningServers.All().Select(s =>
        ServerRecord.Read(s.DataDirectory) is { } record && record.ProcessId == s.ProcessId
            ? Describe(record, s.DataDirectory, null)
            : ServerRecord.Of(s.ProcessId, s.Url.Split(';')[0]) is { } own ? Describe(own, s.DataDirectory, null) : null).OfType<AgbServerProcess>();

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="address">The address to listen on; port 0 for a free one.</param>
    /// <param name="dataDirectory">The server's directory; created if it does not exist.</param>
    /// <param name="options">The other options of the command line.</param>
    /// <param name="token">Ends the wait, and the server.</param>
    /// <exception cref="AgbException">HostNotReady; AddressNotAvailable, AuthenticationFailed and other errors reported by the
    /// server; ServiceNotAvailable with the last line of its log.</exception>
    internal static async Task<AgbServerProcess> StartAsync(
        Uri address, string dataDirectory, IReadOnlyList<string> options, CancellationToken token)
    {
        if (!Platform.IsLinux)
        {
            throw Platform.NeedsLinux("A server");
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
            ["serve", "--urls", address.GetLeftPart(UriPartial.Authority), "--data", dataDirectory, .. options];
        var started = await ServerProgram.RunAsync("/bin/sh", ["-c", StartScript, "sh", log, .. ServerProgram.Command(), .. arguments], token).ConfigureAwait(false);
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

    /// <summary>Asks the server of a data directory to end, and waits for its end. The server finishes open calls
    /// first.</summary>
    /// <returns>Whether a server was running.</returns>
    internal static async Task<bool> StopAsync(string dataDirectory, TimeSpan limit, CancellationToken token)
    {
        if ((ServerRecord.Read(dataDirectory) ?? Find(dataDirectory)) is not { } running)
        {
            return false;
        }
        Kill(running.ProcessId);
        if (!await UntilAsync(() => !running.IsAlive, limit, token).ConfigureAwait(false))
        {
            throw new AgbException(
                AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout,
                $"The server (process {running.ProcessId}) did not end within {limit.TotalSeconds:0} s.",
                "It finishes open calls first. Wait, and stop it again.", dataDirectory);
        }
        ServerRecord.Forget(dataDirectory);
        return true;
    }

    // A server started by another command than Start-AgbServer.
    private static ServerRecord? Find(string dataDirectory) =>
        RunningServers.All().FirstOrDefault(s => s.DataDirectory == dataDirectory) is { } found ? ServerRecord.Of(found.ProcessId, found.Url) : null;

    private static AgbServerProcess Describe(ServerRecord record, string dataDirectory, SecureString? key) => new()
    {
        Endpoint = new Uri(record.Endpoint),
        ApiKey = key,
        DataDirectory = dataDirectory,
        ProcessId = record.ProcessId,
        LogFile = LogOf(dataDirectory),
    };

    private static string LogOf(string dataDirectory) => Path.Combine(dataDirectory, "server.log");

    /// <summary>Creates a key at the first start: a server without a key does not start.</summary>
    private static async Task<SecureString?> AddFirstKeyAsync(string dataDirectory, CancellationToken token)
    {
        var keys = await ServerKeys.ListAsync(dataDirectory, token).ConfigureAwait(false);
        return keys.Count > 0 ? null : (await ServerKeys.AddAsync(dataDirectory, KeyName, null, token).ConfigureAwait(false)).ApiKey;
    }

    /// <summary>Waits until the log names the address; the server answers from then on.</summary>
    private static async Task<string> WaitAsync(int pid, string log, long from, CancellationToken token)
    {
        string? address = null;
        var isThere = await UntilAsync(
            () => (address = AddressIn(ReadLog(log, from))) is not null || (ServerRecord.Of(pid, "") is null ? throw Ended(log, from) : false),
            s_startLimit, token).ConfigureAwait(false);
        return isThere ? address! : throw new AgbException(
            AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout,
            $"The server did not answer within {s_startLimit.TotalSeconds:0} s.", $"Look into its log, {log}.", log);
    }

    private static string? AddressIn(string text)
    {
        const string Mark = "Listening on ";
        return text.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0
            && text.IndexOfAny(['\r', '\n', ','], at + Mark.Length) is var end and >= 0 ? text[(at + Mark.Length)..end] : null;
    }

    /// <summary>Waits for a condition, at most for a time.</summary>
    /// <returns>Whether it holds.</returns>
    private static async Task<bool> UntilAsync(Func<bool> condition, TimeSpan limit, CancellationToken token)
    {
        var began = Stopwatch.GetTimestamp();
        for (var poll = s_firstPoll; !condition(); poll = poll * 2 < s_longestPoll ? poll * 2 : s_longestPoll)
        {
            if (Stopwatch.GetElapsedTime(began) > limit)
            {
                return false;
            }
            await Task.Delay(poll, TimeProvider.System, token).ConfigureAwait(false);
        }
        return true;
    }

    private static AgbException Ended(string log, long from)
    {
        var said = ReadLog(log, from);
        return ServerFailure.Read(said) is { } failure
            ? new AgbException(failure.ErrorId, failure.Kind, $"The server did not start: {failure.Message}", failure.Remedy ?? $"Its log is {log}.", log)
            : new AgbException(
                AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed, $"The server did not start: {ServerFailure.LastLine(said)}", $"Its log is {log}.", log);
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

    private static void Kill(int pid)
    {
        // The process may have ended meanwhile, as wanted.
#pragma warning disable RS0030 // Signals have no API outside Agb.Linux.
        using var process = Process.Start("/bin/kill", ["-" + Terminate.ToString(CultureInfo.InvariantCulture), pid.ToString(CultureInfo.InvariantCulture)]);
#pragma warning restore RS0030
        process.WaitForExit();
    }
}
