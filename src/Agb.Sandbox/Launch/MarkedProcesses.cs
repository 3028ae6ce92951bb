using System.Diagnostics;

namespace Agb.Sandbox;

/// <summary>Finds and ends processes by their mark (see <see cref="ProcessTag"/>).</summary>
internal static class MarkedProcesses
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    // nsenter has nothing to do but to reap and to end.
    private static readonly TimeSpan s_reapLimit = TimeSpan.FromSeconds(2);

    /// <summary>Ends every process that carries a start's mark, and waits until they are gone. Only the programs of that
    /// start can carry it: it is set by the first of them, not by this process.</summary>
    /// <exception cref="AgbException">SessionStartFailed when one does not end.</exception>
    public static void KillAll(ulong tag)
    {
        var start = Stopwatch.GetTimestamp();
        // Until none is found: one may be starting another meanwhile.
        while (true)
        {
            var found = ProcessTable.ReadAll().Where(p => !p.HasEnded && ProcessTable.ReadLockLimit(p.Pid) == tag).ToArray();
            if (found.Length == 0)
            {
                return;
            }
            foreach (var entry in found)
            {
                using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
                if (process is not null && process.Send(PidFd.SIGKILL) && !process.WaitForEnd(Left(start)))
                {
                    throw DoesNotEnd(entry.Pid);
                }
            }
        }
    }

    /// <summary>Ends a command and everything that it started, and nothing else of its session: what carries its mark, and
    /// what descends from it. Everything is stopped before anything is killed, so nothing gets away by forking.</summary>
    /// <param name="entrance">The host's program that entered the sandbox for the command. Ended last; its parent reaps it.</param>
    /// <param name="tag">The command's mark.</param>
    /// <param name="initPid">The sandbox's first process, which is never ended.</param>
    /// <exception cref="AgbException">UnexpectedError when a process does not end.</exception>
    public static void KillCommand(PidFd entrance, ulong tag, int initPid)
    {
        var start = Stopwatch.GetTimestamp();
        // Stopped first: it can't let anything into the sandbox any more, and can't wake what is stopped below.
        entrance.Send(PidFd.SIGSTOP);
        WaitForStop(entrance, start);
        Sweep(entrance.Pid, tag, initPid, start);
        EndEntrance(entrance);
        if (!entrance.WaitForEnd(Left(start)))
        {
            throw DoesNotEnd(entrance.Pid);
        }
        // Only now it is certain that nothing more comes in.
        Sweep(entrance.Pid, tag, initPid, start);
    }

    /// <summary>Lets entrances that were stopped go on when what they wait for has ended. nsenter stops itself when its
    /// command does; unless it goes on to reap that command, the kernel can't end the sandbox. Nothing in a sandbox is woken,
    /// and nothing of another one: it may just be stopped to be ended.</summary>
    /// <param name="pids">The pid namespace of the sandbox that is being ended.</param>
    public static void WakeStoppedEntrances(string pids)
    {
        var ownDepth = ProcessTable.ReadNamespaceDepth(Environment.ProcessId);
        var all = ProcessTable.ReadAll();
        var stopped = all.Where(p => p.State == 'T' && ProcessTable.ReadNamespaceDepth(p.Pid) <= ownDepth).ToDictionary(p => p.Pid);
        foreach (var ended in all.Where(p => p.HasEnded))
        {
            // The same mark on both: no other program's child is meant.
            if (stopped.TryGetValue(ended.ParentPid, out var parent)
                && ProcessTable.ReadNamespace(ended.Pid, "pid") == pids
                && ProcessTable.ReadLockLimit(ended.Pid) is { } tag && ProcessTable.ReadLockLimit(parent.Pid) == tag)
            {
                using var entrance = PidFd.TryOpen(parent.Pid, parent.StartTime);
                entrance?.Send(PidFd.SIGCONT);
            }
        }
    }

    /// <summary>Ends the stopped entrance. One that has let its command in must reap it itself: killed, it would leave a
    /// zombie in the sandbox to the host's first process, and where that one reaps nobody, the sandbox could never end.</summary>
    private static void EndEntrance(PidFd entrance)
    {
        if (ProcessTable.ReadAll().Any(p => p.ParentPid == entrance.Pid))
        {
            entrance.Send(PidFd.SIGCONT);
            if (entrance.WaitForEnd(s_reapLimit))
            {
                return;
            }
        }
        entrance.Send(PidFd.SIGKILL);
    }

    /// <summary>Ends what belongs to a command, round by round, until a look after the end of all that was known finds
    /// nothing: a process that was just forking when its parent was stopped shows up in the next round.</summary>
    private static void Sweep(int entrancePid, ulong tag, int initPid, long start)
    {
        var known = new Dictionary<int, PidFd>();
        try
        {
            while (StopNew(known, entrancePid, tag, initPid))
            {
                foreach (var process in known.Values)
                {
                    WaitForStop(process, start);
                }
                if (StopNew(known, entrancePid, tag, initPid))
                {
                    continue;
                }
                foreach (var process in known.Values)
                {
                    process.Send(PidFd.SIGKILL);
                }
                foreach (var process in known.Values)
                {
                    if (!process.WaitForEnd(Left(start)))
                    {
                        throw DoesNotEnd(process.Pid);
                    }
                }
            }
        }
        finally
        {
            foreach (var process in known.Values)
            {
                process.Dispose();
            }
        }
    }

    /// <summary>Waits until a process that was sent SIGSTOP has stopped: until then it may still finish a fork.</summary>
    private static void WaitForStop(PidFd process, long start)
    {
        while (ProcessTable.TryRead(process.Pid) is { HasEnded: false } entry && entry.State is not ('T' or 't'))
        {
            if (Left(start) == TimeSpan.Zero)
            {
                throw DoesNotEnd(process.Pid);
            }
            Thread.Sleep(1);
        }
    }

    /// <summary>Stops what belongs to a command and is not known yet.</summary>
    /// <returns>Whether there was any.</returns>
    private static bool StopNew(Dictionary<int, PidFd> known, int entrancePid, ulong tag, int initPid)
    {
        var ownDepth = ProcessTable.ReadNamespaceDepth(Environment.ProcessId);
        var all = ProcessTable.ReadAll();
        // Lists come in no useful order, so pass over it until no descendant is added.
        var members = new HashSet<int> { entrancePid };
        members.UnionWith(known.Keys);
        members.UnionWith(all.Where(p => !p.HasEnded && ProcessTable.ReadLockLimit(p.Pid) == tag).Select(p => p.Pid));
        while (all.Count(p => p.Pid != initPid && members.Contains(p.ParentPid) && members.Add(p.Pid)) > 0)
        {
        }
        var any = false;
        foreach (var entry in all.Where(p => !p.HasEnded && p.Pid != initPid && members.Contains(p.Pid)))
        {
            if (known.TryGetValue(entry.Pid, out var old))
            {
                if (!old.WaitForEnd(TimeSpan.Zero))
                {
                    continue;
                }
                // The pid has a new owner.
                old.Dispose();
                known.Remove(entry.Pid);
            }
            // Outside any sandbox: the entrance itself, or a bystander that this program started at the same instant.
            if (ProcessTable.ReadNamespaceDepth(entry.Pid) <= ownDepth || PidFd.TryOpen(entry.Pid, entry.StartTime) is not { } process)
            {
                continue;
            }
            process.Send(PidFd.SIGSTOP);
            known.Add(entry.Pid, process);
            any = true;
        }
        return any;
    }

    private static TimeSpan Left(long start)
    {
        var left = s_limit - Stopwatch.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static AgbException DoesNotEnd(int pid) => new(
        AgbErrorIds.UnexpectedError, AgbErrorKind.Timeout,
        $"The process {pid} was killed but did not end within {s_limit.TotalSeconds:0} s; it waits in the kernel, for a device perhaps.",
        target: pid);
}
