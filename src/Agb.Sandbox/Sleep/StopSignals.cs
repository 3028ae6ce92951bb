namespace Agb.Sandbox;

/// <summary>Suspends a sandbox by signals, for a user without control groups. A process that the session itself has stopped stays stopped
/// afterwards.</summary>
internal static class StopSignals
{
    /// <summary>Stops all processes of a sandbox.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="directory">The session's directory, for the records.</param>
    /// <exception cref="AgbException">UnexpectedError when a process does not stop.</exception>
    public static void Stop(SandboxHandle handle, string directory)
    {
        var boot = handle.BootId;
        ProcessName[] kept = [.. SleepingProcesses.Of(handle).Where(p => ProcessTable.IsStopped(p.Pid)).Select(ProcessName.Of)];
        SleepRecords.Write(directory, new SleepRecord(boot, null, kept));
        var stopped = new HashSet<ProcessName>();
        SleepingProcesses.UntilNone(handle, all => all.Where(p => !ProcessTable.IsStopped(p.Pid)), entry =>
        {
            using var process = PidFd.TryOpen(entry.Pid, entry.StartTime);
            if (process?.Send(PidFd.SIGSTOP) == true)
            {
                stopped.Add(ProcessName.Of(entry));
            }
        });
        SleepRecords.Write(directory, new SleepRecord(boot, null, kept, [.. stopped]));
    }

    /// <summary>Lets the processes go on that <see cref="Stop"/> has stopped, also after its interruption.</summary>
    /// <param name="record">The record.</param>
    /// <param name="find">Finds the sandbox.</param>
    public static void Continue(SleepRecord record, Func<SandboxHandle?> find)
    {
        if (record.Kept is null)
        {
            return;
        }
        var stopped = record.Stopped
            ?? (find() is { IsAlive: true } handle ? [.. SleepingProcesses.Of(handle).Select(ProcessName.Of).Except(record.Kept)] : []);
        foreach (var (pid, startTime) in stopped)
        {
            using var process = PidFd.TryOpen(pid, startTime);
            process?.Send(PidFd.SIGCONT);
        }
    }
}
