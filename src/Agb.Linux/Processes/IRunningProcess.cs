namespace Agb.Linux;

/// <summary>A started program whose status this process gets. Disposal before the end kills it.</summary>
internal interface IRunningProcess : IDisposable
{
    /// <summary>The program.</summary>
    PidFd Process { get; }

    /// <summary>A descriptor, readable in poll(2) once the status can be taken.</summary>
    ProcessDescriptor Ended { get; }

    /// <summary>Takes the status, once; waits for the end.</summary>
    /// <returns>The exit code, or 128 plus the number of the fatal signal, and that number.</returns>
    /// <exception cref="IOException">The status was lost; HResult is the errno.</exception>
    (int ExitCode, int? Signal) TakeStatus();
}

/// <summary>A child of this process.</summary>
internal sealed class ChildProcess : IRunningProcess
{
    private readonly int _pid;
    private bool _isReaped;

    /// <summary>Takes over a started child.</summary>
    /// <param name="pid">Its pid, not reaped yet: so it is still the child's, even if it has ended.</param>
    public ChildProcess(int pid)
    {
        _pid = pid;
        Process = PidFd.TryOpen(pid) ?? throw ProcessLibc.Error($"pidfd_open({pid})", Errno.ESRCH);
    }

    /// <inheritdoc/>
    public PidFd Process { get; }

    /// <inheritdoc/>
    public ProcessDescriptor Ended => Process.Descriptor;

    /// <inheritdoc/>
    public (int ExitCode, int? Signal) TakeStatus()
    {
        _isReaped = true;
        return ProcessSpawn.Reap(_pid);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isReaped)
        {
            Process.Send(PidFd.SIGKILL);
            ProcessSpawn.Discard(_pid);
        }
        Process.Dispose();
    }
}
