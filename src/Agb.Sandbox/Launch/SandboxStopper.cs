namespace Agb.Sandbox;

/// <summary>Ends sandboxes.</summary>
internal static class SandboxStopper
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_monitorLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_wakeInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Kills a sandbox and waits for its end. The kernel ends all processes with the first one, and the mounts with
    /// the last one.</summary>
    /// <exception cref="AgbException">UnexpectedError when a process does not end.</exception>
    public static void Stop(SandboxHandle handle, CancellationToken cancellationToken)
    {
        if (handle.BootId != ProcessTable.ReadBootId())
        {
            return;
        }
        using var init = PidFd.TryOpen(handle.InitPid, handle.InitStartTime);
        using var monitor = OpenMonitor(handle);
        var pids = init is null ? null : OwnPidNamespace(handle);
        using var cancel = ProcessDescriptor.Event();
        using var registration = cancellationToken.UnsafeRegister(static state => ((ProcessDescriptor)state!).Signal(), cancel);
        if (init is not null)
        {
            init.Send(PidFd.SIGKILL);
            Wait(init, pids, cancel, s_limit, cancellationToken);
        }
        // Bubblewrap ends with its child and reaps it; there may be no other process to reap it.
        if (monitor is not null && !TryWait(monitor, pids, cancel, s_monitorLimit, cancellationToken))
        {
            monitor.Send(PidFd.SIGKILL);
            Wait(monitor, pids, cancel, s_limit, cancellationToken);
        }
    }

    /// <summary>Opens bubblewrap's outer process. Older handles may name a process of the host instead: the new parent of the
    /// first process after an early end of bubblewrap. It must not be touched.</summary>
    private static PidFd? OpenMonitor(SandboxHandle handle)
    {
        var monitor = PidFd.TryOpen(handle.MonitorPid, handle.MonitorStartTime);
        var mark = ProcessTable.ReadLockLimit(handle.MonitorPid);
        if (handle.Tag is null ? mark is not null : mark == handle.Tag)
        {
            return monitor;
        }
        monitor?.Dispose();
        return null;
    }

    /// <summary>The pid namespace of a sandbox, or null when its first process is gone.</summary>
    private static string? OwnPidNamespace(SandboxHandle handle)
    {
        var pids = ProcessTable.ReadNamespace(handle.InitPid, "pid");
        // Checked afterwards: the namespace was read of this process, not of a new owner of the pid.
        return ProcessTable.TryRead(handle.InitPid)?.StartTime == handle.InitStartTime ? pids : null;
    }

    private static void Wait(PidFd process, string? pids, ProcessDescriptor cancel, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!TryWait(process, pids, cancel, limit, cancellationToken))
        {
            throw new AgbException(
                AgbErrorIds.UnexpectedError, AgbErrorKind.Timeout,
                $"The session's process {process.Pid} was killed but did not end within {limit.TotalSeconds:0} s.", target: process.Pid);
        }
    }

    private static bool TryWait(PidFd process, string? pids, ProcessDescriptor cancel, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        Span<short> returned = stackalloc short[2];
        while (!ProcessWait.Any([process.Descriptor, cancel], returned, s_wakeInterval))
        {
            if (Stopwatch.GetElapsedTime(start) >= limit)
            {
                return false;
            }
            if (pids is not null)
            {
                TaggedProcesses.WakeStoppedEntrances(pids);
            }
        }
        cancellationToken.ThrowIfCancellationRequested();
        return true;
    }

    /// <summary>Ends every process but the first of a sandbox over its disk limit.</summary>
    /// <returns>Whether it was.</returns>
    public static bool EndWriters(SandboxHandle handle)
    {
        if (!handle.IsAlive || !LimitWatch.IsOverDisk(handle))
        {
            return false;
        }
        SandboxProcesses.EndAll(handle.InitPid, handle.InitStartTime);
        return true;
    }

    /// <summary>Ends the leftover processes of a start in a session's directory.</summary>
    public static void CleanUp(string sessionDirectory)
    {
        if (LaunchRecord.TryRead(sessionDirectory) is { } record && record.BootId == ProcessTable.ReadBootId())
        {
            SandboxSleep.CleanUp(sessionDirectory);
            TaggedProcesses.KillAll(record.Tag);
            SessionControlGroups.Remove(record.Groups ?? []);
        }
    }
}
