namespace Agb.Sandbox;

/// <summary>The processes of a sandbox for its suspension. The launcher stays awake for the clock of the lifetime, and the way out of the
/// network, outside.</summary>
internal static class SleepingProcesses
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>Every process of a sandbox with a living thread; of a sandbox of an older version the first one too.</summary>
    /// <exception cref="AgbException">SessionNotRunning.</exception>
    public static IReadOnlyList<ProcessEntry> Of(SandboxHandle handle)
    {
        var found = SandboxProcesses.Of(handle.InitPid, withEnded: true).ToList();
        if (handle.Launcher is null && ProcessTable.TryRead(handle.InitPid) is { } init)
        {
            found.Add(init);
        }
        // Checked after the listing: the listed processes were then this sandbox's.
        handle.RequireAlive();
        found.RemoveAll(p => p.HasEnded && ProcessTable.IsStopped(p.Pid));
        return found;
    }

    /// <summary>Acts on processes of a sandbox, round by round, until two listings in a row have none for it: a fork in progress shows up in
    /// the next round.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="choose">Chooses the processes for the action.</param>
    /// <param name="act">The action.</param>
    /// <exception cref="AgbException">UnexpectedError at the time limit; SessionNotRunning.</exception>
    public static void UntilNone(
        SandboxHandle handle, Func<IReadOnlyList<ProcessEntry>, IEnumerable<ProcessEntry>> choose, Action<ProcessEntry> act)
    {
        var cleanRounds = 0;
        Wait(handle, () =>
        {
            ProcessEntry[] chosen = [.. choose(Of(handle))];
            Array.ForEach(chosen, act);
            cleanRounds = chosen.Length == 0 ? cleanRounds + 1 : 0;
            return cleanRounds == 2;
        });
    }

    /// <summary>Waits until something is so.</summary>
    /// <exception cref="AgbException">UnexpectedError at the time limit.</exception>
    public static void Wait(SandboxHandle handle, Func<bool> isSo)
    {
        var start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(start) >= s_limit)
            {
                throw new AgbException(
                    AgbErrorIds.UnexpectedError, AgbErrorKind.Timeout,
                    $"The processes of the session did not stop within {s_limit.TotalSeconds:0} s; one of them may wait in the kernel for a device.",
                    "Try again.", handle.InitPid);
            }
#pragma warning disable RS0030 // The caller is synchronous, and stopping has no event for other processes.
            Thread.Sleep(1);
#pragma warning restore RS0030
        }
    }
}
