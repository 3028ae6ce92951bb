namespace Agb.Sandbox;

/// <summary>Finds and ends processes by their tag (see <see cref="ProcessTag"/>).</summary>
internal static class TaggedProcesses
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    // Nobody's parent.
    private const int NoProcess = -1;

    // nsenter only has to reap and to end.
    private static readonly TimeSpan s_reapLimit = TimeSpan.FromSeconds(2);

    /// <summary>Ends every process with a start's tag, and waits for their end. Only the programs of that start can have it:
    /// the first of them sets it, not this process.</summary>
    /// <exception cref="AgbException">SessionStartFailed when one does not end.</exception>
    public static void KillAll(ulong tag)
    {
        var start = Stopwatch.GetTimestamp();
        // Until none is found: a process may fork meanwhile.
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

    /// <summary>The pid of a process with a start's tag, or null.</summary>
    public static int? Find(ulong tag) =>
        ProcessTable.ReadAll().Where(p => !p.HasEnded && ProcessTable.ReadLockLimit(p.Pid) == tag).Select(p => (int?)p.Pid).FirstOrDefault();

    /// <summary>Ends a command, its descendants and the processes with its tag; other processes of the session go on. All of
    /// them are stopped before one is killed, so that none can escape by forking.</summary>
    /// <param name="entrance">The host's program at the entrance of the sandbox. Ended last; its parent reaps it.</param>
    /// <param name="tag">The command's tag.</param>
    /// <param name="initPid">The sandbox's first process, never ended here.</param>
    /// <exception cref="AgbException">UnexpectedError when a process does not end.</exception>
    public static void KillCommand(PidFd entrance, ulong tag, int initPid)
    {
        var start = Stopwatch.GetTimestamp();
        // Stopped first: a stopped entrance lets no process into the sandbox and can't wake the processes stopped below.
        entrance.Send(PidFd.SIGSTOP);
        WaitForStop(entrance, start);
        Sweep(entrance.Pid, tag, initPid, start);
        EndEntrance(entrance);
        if (!entrance.WaitForEnd(Left(start)))
        {
            throw DoesNotEnd(entrance.Pid);
        }
        // Only now no further process can come in.
        Sweep(entrance.Pid, tag, initPid, start);
    }

    /// <summary>Ends a command of a launcher, with its descendants and the processes with its tag, in the same way.</summary>
    /// <param name="command">The command; its launcher reaps it.</param>
    /// <param name="tag">The command's tag.</param>
    /// <param name="initPid">The launcher, never ended here.</param>
    /// <exception cref="AgbException">UnexpectedError when a process does not end.</exception>
    public static void KillLaunched(PidFd command, ulong tag, int initPid)
    {
        // Stopped first: its pid stays its own until it is killed. The pid of an ended one may be another's by now.
        var root = command.Send(PidFd.SIGSTOP) && !command.WaitForEnd(TimeSpan.Zero) ? command.Pid : NoProcess;
        Sweep(root, tag, initPid, Stopwatch.GetTimestamp());
    }

    /// <summary>Wakes stopped entrances after the end of their commands. nsenter stops itself together with its command; the
    /// kernel can't end the sandbox before nsenter has reaped that command. Processes in sandboxes, and entrances of other
    /// sandboxes, are not woken: they may be stopped to be ended.</summary>
    /// <param name="pids">The pid namespace of the ending sandbox.</param>
    public static void WakeStoppedEntrances(string pids)
    {
        var ownDepth = ProcessTable.ReadNamespaceDepth(Environment.ProcessId);
        var all = ProcessTable.ReadAll();
        var stopped = all.Where(p => p.State == 'T' && ProcessTable.ReadNamespaceDepth(p.Pid) <= ownDepth).ToDictionary(p => p.Pid);
        foreach (var ended in all.Where(p => p.HasEnded))
        {
            // The same tag on both, to exclude children of other programs.
            if (stopped.TryGetValue(ended.ParentPid, out var parent)
                && ProcessTable.ReadNamespace(ended.Pid, "pid") == pids
                && ProcessTable.ReadLockLimit(ended.Pid) is { } tag && ProcessTable.ReadLockLimit(parent.Pid) == tag)
            {
                using var entrance = PidFd.TryOpen(parent.Pid, parent.StartTime);
                entrance?.Send(PidFd.SIGCONT);
            }
        }
    }

    /// <summary>Ends the stopped entrance. It must reap its command itself: otherwise the zombie in the sandbox goes to the
    /// host's first process, and if that does not reap it, the sandbox can never end.</summary>
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

    /// <summary>Ends the processes of a command, round by round, until no new one is found after the end of all known ones: a
    /// fork in progress shows up in the next round.</summary>
    private static void Sweep(int entrancePid, ulong tag, int initPid, long start)
    {
        var known = new Dictionary<int, PidFd>();
        try
        {
            var isNew = StopNew(known, entrancePid, tag, initPid);
            while (isNew)
            {
                foreach (var process in known.Values)
                {
                    WaitForStop(process, start);
                }
                if (StopNew(known, entrancePid, tag, initPid))
                {
                    // Of a fork in progress: it has to stop too, before one is killed.
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
                isNew = StopNew(known, entrancePid, tag, initPid);
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

    /// <summary>Waits for the stop of a process after SIGSTOP: until then it may still finish a fork.</summary>
    private static void WaitForStop(PidFd process, long start)
    {
        while (!process.WaitForEnd(TimeSpan.Zero) && ProcessTable.TryRead(process.Pid) is { HasEnded: false } entry && entry.State is not ('T' or 't'))
        {
            if (Left(start) == TimeSpan.Zero)
            {
                throw DoesNotEnd(process.Pid);
            }
#pragma warning disable RS0030 // The caller is synchronous, and a search by tag has no event.
            Thread.Sleep(1);
#pragma warning restore RS0030
        }
    }

    /// <summary>Stops new processes of a command.</summary>
    /// <returns>Whether there was any.</returns>
    private static bool StopNew(Dictionary<int, PidFd> known, int entrancePid, ulong tag, int initPid)
    {
        var ownDepth = ProcessTable.ReadNamespaceDepth(Environment.ProcessId);
        var all = ProcessTable.ReadAll();
        // The list has no useful order: pass over it until no descendant is added.
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
            // Outside any sandbox: the entrance itself, or an unrelated child of this program started at the same instant.
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
        $"The process {pid} was killed but did not end within {s_limit.TotalSeconds:0} s; it may wait in the kernel for a device.",
        target: pid);
}
