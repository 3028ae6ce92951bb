using Agb.Engine.Native;

namespace Agb.Engine.Sandbox;

/// <summary>Ends sandboxes.</summary>
internal static class SandboxStopper
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Whether a sandbox's first process lives.</summary>
    public static bool IsAlive(SandboxHandle handle) =>
        handle.BootId == ProcessTable.ReadBootId() && ProcessTable.IsAlive(handle.InitPid, handle.InitStartTime);

    /// <summary>Kills a sandbox and waits until it is gone. With its first process the kernel ends every other, and with
    /// the last of them its mounts.</summary>
    /// <exception cref="AgbException">UnexpectedError when a process does not end.</exception>
    public static void Stop(SandboxHandle handle, CancellationToken cancellationToken)
    {
        if (handle.BootId != ProcessTable.ReadBootId())
        {
            return;
        }
        using var init = PidFd.TryOpen(handle.InitPid, handle.InitStartTime);
        using var monitor = PidFd.TryOpen(handle.MonitorPid, handle.MonitorStartTime);
        init?.Send(PidFd.SIGKILL);
        monitor?.Send(PidFd.SIGKILL);
        using var cancel = ProcessDescriptor.Event();
        using var registration = cancellationToken.UnsafeRegister(static state => ((ProcessDescriptor)state!).Signal(), cancel);
        Span<short> returned = stackalloc short[2];
        foreach (var process in new[] { init, monitor })
        {
            if (process is not null && !ProcessWait.Any([process.Descriptor, cancel], returned, s_limit))
            {
                throw new AgbException(
                    AgbErrorIds.UnexpectedError, AgbErrorKind.Timeout,
                    $"The session's process {process.Pid} was killed but did not end within {s_limit.TotalSeconds:0} s.");
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Ends whatever a start in a session's directory has left.</summary>
    public static void CleanUp(string sessionDirectory)
    {
        if (LaunchRecord.TryRead(sessionDirectory) is { } record && record.BootId == ProcessTable.ReadBootId())
        {
            MarkedProcesses.KillAll(record.Tag);
        }
    }
}
