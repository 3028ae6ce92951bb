using System.Diagnostics;

namespace Agb.Engine;

/// <summary>Ends browsers. A browser writes cookies to its profile up to 30 s late, but always when it is closed.</summary>
internal sealed class BrowserCloser(EngineParts parts, BrowserRecords records)
{
    private const int MostRounds = 20;
    private static readonly TimeSpan s_askLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_exitLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_killLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    // For a release as a whole: the wait for a start or stop, the browser's end, and the end of others.
    private static readonly TimeSpan s_releaseLimit = TimeSpan.FromSeconds(30);

    /// <summary>Closes the browser of a session before its last upload. Never fails: an unwilling browser is killed with the
    /// session.</summary>
    internal async Task CloseForReleaseAsync(string sessionId, SandboxHandle sandbox, CancellationToken cancellationToken)
    {
        if (!records.HasProfile(sessionId) || !sandbox.IsAlive)
        {
            return;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_releaseLimit);
        try
        {
            using var held = await records.LockAsync(sessionId, limit.Token).ConfigureAwait(false);
            if (records.TryRead(sessionId) is { } record)
            {
                await CloseAsync(sessionId, sandbox, record, limit.Token).ConfigureAwait(false);
            }
            await CloseOthersAsync(sessionId, sandbox, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            parts.Log.BrowserNotClosed(sessionId, e);
        }
    }

    /// <summary>Closes browsers that use the profile and were started by other means, such as an app of a desktop. All have the same
    /// deadline: any program of the session can look like many of them.</summary>
    private async Task CloseOthersAsync(string sessionId, SandboxHandle sandbox, CancellationToken cancellationToken)
    {
        var others = await ProcessRun.OnThread("agb-browser", () =>
        {
            var found = SandboxProcesses.Of(sandbox.InitPid).Where(p => UsesProfile(p.Pid)).ToArray();
            // Checked after the listing: the listed processes were then this sandbox's.
            return sandbox.IsAlive ? found : [];
        }).ConfigureAwait(false);
        Send(others, PidFd.SIGINT);
        if (!await HaveEndedAsync(others, s_exitLimit, cancellationToken).ConfigureAwait(false))
        {
            parts.Log.BrowserNotClosed(sessionId, null);
            Send(others, PidFd.SIGKILL);
            await HaveEndedAsync(others, s_killLimit, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Send(IReadOnlyList<ProcessEntry> processes, int signal)
    {
        foreach (var entry in processes)
        {
            using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
            process?.Send(signal);
        }
    }

    /// <summary>Waits until all processes have ended, together at most for the limit.</summary>
    private static Task<bool> HaveEndedAsync(IReadOnlyList<ProcessEntry> processes, TimeSpan limit, CancellationToken cancellationToken) =>
        ProcessRun.OnThread("agb-browser", () =>
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var entry in processes)
            {
                using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
                if (process is not null && !HasEnded(process, start, limit, cancellationToken))
                {
                    return false;
                }
            }
            return true;
        });

    private static bool HasEnded(PidFd process, long start, TimeSpan limit, CancellationToken cancellationToken)
    {
        while (!process.WaitForEnd(s_look))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                return false;
            }
        }
        return true;
    }

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
    internal static async Task KillAsync(SandboxHandle sandbox, BrowserRecord record)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var rest = await ProcessRun.OnThread("agb-browser", () => GroupOf(sandbox, record)).ConfigureAwait(false);
            // Checked after the listing: the listed processes were then this sandbox's.
            if (rest.Length == 0 || !sandbox.IsAlive)
            {
                return;
            }
            Send(rest, PidFd.SIGKILL);
            await HaveEndedAsync(rest, s_killLimit, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static ProcessEntry[] GroupOf(SandboxHandle sandbox, BrowserRecord record)
    {
        // Another process with this pid leads another group.
        var isOther = record.BootId != ProcessTable.ReadBootId() || ProcessTable.TryRead(record.Pid) is { } leader && leader.StartTime != record.StartTime;
        return isOther ? [] : [.. SandboxProcesses.Of(sandbox.InitPid).Where(p => p.Group == record.Pid)];
    }

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
        var start = Stopwatch.GetTimestamp();
        return await ProcessRun.OnThread("agb-browser", () => HasEnded(process, start, s_exitLimit, cancellationToken)).ConfigureAwait(false);
    }
}
