namespace Agb.Sandbox;

/// <summary>The processes of a sandbox.</summary>
internal static class SandboxProcesses
{
    private const int MostRounds = 100;

    /// <summary>Every process of a sandbox but its first, including nested pid namespaces.</summary>
    /// <param name="initPid">The sandbox's first process.</param>
    /// <param name="withEnded">Whether to list ended ones: their other threads may live.</param>
    public static IReadOnlyList<ProcessEntry> Of(int initPid, bool withEnded = false)
    {
        var own = ProcessTable.ReadNamespace(initPid, "pid");
        // If the first process has ended, its pid may belong to a host process by now.
        if (own is null || own == ProcessTable.ReadNamespace(Environment.ProcessId, "pid"))
        {
            return [];
        }
        var all = ProcessTable.ReadAll();
        var parents = all.ToDictionary(p => p.Pid, p => p.ParentPid);
        return
        [
            .. all.Where(p => p.Pid != initPid && (withEnded || !p.HasEnded)
                && (ProcessTable.ReadNamespace(p.Pid, "pid") == own || Descends(parents, p.Pid, initPid))),
        ];
    }

    /// <summary>Whether a process is below another one. Orphans become the first process's children, so every process below it
    /// has a path up to it.</summary>
    /// <param name="parents">The parent of each process. The reads are not simultaneous: after the reuse of a pid, the paths up
    /// can form a ring.</param>
    /// <param name="pid">The lower one.</param>
    /// <param name="ancestor">The upper one.</param>
    internal static bool Descends(IReadOnlyDictionary<int, int> parents, int pid, int ancestor)
    {
        for (var steps = 0; steps < parents.Count && parents.TryGetValue(pid, out var parent) && parent > 0; steps++)
        {
            if (parent == ancestor)
            {
                return true;
            }
            pid = parent;
        }
        return false;
    }

    /// <summary>Ends every process of a sandbox but its first.</summary>
    public static void EndAll(int initPid, long initStartTime)
    {
        // Round by round: a process forking at this moment shows up in the next round. The first process always waits in a
        // child, and starts it again after its end; so one is always found.
        for (var round = 0; round < MostRounds; round++)
        {
            var found = Of(initPid);
            // Checked after the listing: the listed processes were then this sandbox's.
            if (!ProcessTable.IsAlive(initPid, initStartTime))
            {
                return;
            }
            foreach (var entry in found)
            {
                using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
                process?.Send(PidFd.SIGKILL);
            }
            if (found.Count <= 1)
            {
                return;
            }
        }
    }
}
