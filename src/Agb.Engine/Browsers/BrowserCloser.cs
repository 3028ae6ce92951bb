namespace Agb.Engine;

/// <summary>Ends browsers. A browser writes cookies to its profile up to 30 s late, but always when it is closed.</summary>
internal sealed class BrowserCloser(EngineParts parts, BrowserRecords records)
{
    private const int MostRounds = 20;
    private static readonly TimeSpan s_askLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_killLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Closes the browser of a session before its last upload. Never fails: an unwilling browser is killed with the
    /// session.</summary>
    internal async Task CloseForReleaseAsync(string sessionId, SandboxHandle sandbox, CancellationToken cancellationToken)
    {
        if (!records.HasProfile(sessionId) || !sandbox.IsAlive)
        {
            return;
        }
        try
        {
            using var held = await records.LockAsync(sessionId, cancellationToken).ConfigureAwait(false);
            if (records.TryRead(sessionId) is { } record)
            {
                await CloseAsync(sessionId, sandbox, record, cancellationToken).ConfigureAwait(false);
            }
            await CloseOthersAsync(sessionId, sandbox).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            parts.Log.BrowserNotClosed(sessionId, e);
        }
    }

    /// <summary>Closes browsers that use the profile and were started by other means, such as an app of a desktop.</summary>
    private Task CloseOthersAsync(string sessionId, SandboxHandle sandbox) => ProcessRun.OnThread("agb-browser", () =>
    {
        foreach (var entry in SandboxProcesses.Of(sandbox.InitPid).Where(p => UsesProfile(p.Pid)))
        {
            using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
            // Checked after the listing: the listed process was then this sandbox's.
            if (process is null || !sandbox.IsAlive || !process.Send(PidFd.SIGINT) || process.WaitForEnd(s_exitLimit))
            {
                continue;
            }
            parts.Log.BrowserNotClosed(sessionId, null);
            process.Send(PidFd.SIGKILL);
            process.WaitForEnd(s_killLimit);
        }
        return true;
    });

    // The first process of a browser: the others have a type.
    private static bool UsesProfile(int pid) => ProcessTable.ReadArguments(pid) is { Count: > 1 } arguments
        && arguments.Contains($"--user-data-dir={AgbBrowserRequest.ProfileDirectory}")
        && !arguments.Any(a => a.StartsWith("--type=", StringComparison.Ordinal));

    /// <summary>Closes a browser properly, kills the rest of its processes, and removes the record. The caller holds the lock.</summary>
    internal async Task CloseAsync(string sessionId, SandboxHandle sandbox, BrowserRecord record, CancellationToken cancellationToken)
    {
        if (record.IsAlive && record.IsReady)
        {
            using var process = PidFd.TryOpen(record.Pid, record.StartTime);
            if (process is not null && !await EndAsync(process, sandbox, cancellationToken).ConfigureAwait(false))
            {
                parts.Log.BrowserNotClosed(sessionId, null);
            }
        }
        await KillAsync(sandbox, record).ConfigureAwait(false);
        records.Remove(sessionId);
    }

    /// <summary>Kills all processes of a browser, at once.</summary>
    internal static Task KillAsync(SandboxHandle sandbox, BrowserRecord record) => ProcessRun.OnThread("agb-browser", () =>
    {
        // Another process with this pid leads another group.
        var isOther = record.BootId != ProcessTable.ReadBootId() || ProcessTable.TryRead(record.Pid) is { } leader && leader.StartTime != record.StartTime;
        for (var round = 0; round < MostRounds && !isOther; round++)
        {
            var rest = SandboxProcesses.Of(sandbox.InitPid).Where(p => p.Group == record.Pid).ToArray();
            // Checked after the listing: the listed processes were then this sandbox's.
            if (rest.Length == 0 || !sandbox.IsAlive)
            {
                break;
            }
            foreach (var entry in rest)
            {
                using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
                process?.Send(PidFd.SIGKILL);
                process?.WaitForEnd(s_killLimit);
            }
        }
        return true;
    });

    /// <summary>Asks the browser to close, and waits for its end.</summary>
    /// <returns>Whether it has ended.</returns>
    private async Task<bool> EndAsync(PidFd process, SandboxHandle sandbox, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_askLimit);
        try
        {
            using var tools = new DevTools(token => parts.Driver.ConnectAsync(sandbox, DevTools.Port, token));
            var version = await tools.GetVersionAsync(limit.Token).ConfigureAwait(false);
            using var socket = await tools.OpenAsync(version, limit.Token).ConfigureAwait(false);
            await socket.SendAsync("Browser.close", null, null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (DevTools.IsSilence(e) || e is DevToolsException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It may have closed before its answer. Otherwise this signal makes it store its cookies too.
            process.Send(PidFd.SIGINT);
        }
        return await ProcessRun.OnThread("agb-browser", () => process.WaitForEnd(s_exitLimit)).ConfigureAwait(false);
    }
}
