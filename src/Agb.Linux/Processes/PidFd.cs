namespace Agb.Linux;

/// <summary>A process held by a descriptor (pidfd_open(2)): a signal reaches this process or none, even after its pid is
/// reused.</summary>
internal sealed class PidFd : IDisposable
{
    /// <summary>Signals (signal(7)).</summary>
    public const int SIGINT = 2, SIGKILL = 9, SIGCONT = 18, SIGSTOP = 19, SIGXFSZ = 25;

    private readonly ProcessDescriptor _descriptor;
    private int? _pid;

    private PidFd(int? pid, ProcessDescriptor descriptor)
    {
        _pid = pid;
        _descriptor = descriptor;
    }

    /// <summary>The pid; -1 for a received descriptor of a process that was reaped before.</summary>
    public int Pid => _pid ??= ReadPid();

    /// <summary>The descriptor; readable in poll(2) once the process has ended (a zombie has ended).</summary>
    public ProcessDescriptor Descriptor => _descriptor;

    /// <summary>Opens a process.</summary>
    /// <returns>Null if there is no such process.</returns>
    public static PidFd? TryOpen(int pid)
    {
        var descriptor = ProcessLibc.PidFdOpen(pid);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.ESRCH)
        {
            return null;
        }
        return new PidFd(pid, ProcessDescriptor.Own(descriptor, "pidfd_open"));
    }

    /// <summary>Opens a process by its pid and start time.</summary>
    /// <param name="pid">The pid.</param>
    /// <param name="startTime">Field 22 of /proc/pid/stat.</param>
    /// <returns>Null if this process is gone.</returns>
    public static PidFd? TryOpen(int pid, long startTime)
    {
        var opened = TryOpen(pid);
        // Checked after the open: from here on a reuse of the pid can't go unnoticed.
        if (opened is not null && ProcessTable.TryRead(pid)?.StartTime != startTime)
        {
            opened.Dispose();
            return null;
        }
        return opened;
    }

    /// <summary>Takes over a received descriptor of a process.</summary>
    public static PidFd Of(ProcessDescriptor descriptor) => new(null, descriptor);

    /// <summary>Sends a signal.</summary>
    /// <returns>False if the process has ended.</returns>
    public bool Send(int signal)
    {
        if (ProcessLibc.PidFdSendSignal(_descriptor.Number, signal) == 0)
        {
            return true;
        }
        return Marshal.GetLastPInvokeError() is var error && error == Errno.ESRCH
            ? false
            : throw ProcessLibc.Error($"pidfd_send_signal({signal}) to process {Pid}", error);
    }

    /// <summary>Takes a copy of a descriptor of the process (pidfd_getfd(2)), which must be a process of this user.</summary>
    /// <param name="number">Its number there.</param>
    /// <returns>The number here; the caller owns it.</returns>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public int TakeDescriptor(int number) =>
        ProcessLibc.PidFdGetFd(_descriptor.Number, number) is var taken and >= 0 ? taken : throw ProcessLibc.Error($"pidfd_getfd({number}) of process {Pid}");

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>False on timeout.</returns>
    public bool WaitForEnd(TimeSpan limit) => ProcessWait.One(_descriptor, limit);

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();

    // The line "Pid:" has the pid in this process's namespace (pidfd_open(2), proc(5)).
    private int ReadPid()
    {
        const string Name = "Pid:";
        var line = File.ReadLines($"/proc/self/fdinfo/{_descriptor.Number}").First(l => l.StartsWith(Name, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(Name.Length).Trim(), CultureInfo.InvariantCulture);
    }
}
