using Microsoft.Win32.SafeHandles;

namespace Agb.Linux;

/// <summary>A file descriptor closed exactly once. It is close-on-exec and above 2: no program started anywhere in this process
/// inherits it, and passing it to a child never collides with 0, 1 and 2.</summary>
internal sealed unsafe class ProcessDescriptor : SafeHandleMinusOneIsInvalid
{
    // The maximum for an ordinary user (proc_sys_fs(5), pipe-max-size).
    private const int WidePipeBytes = 1024 * 1024;

    private ProcessDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number; valid until the handle is disposed of.</summary>
    public int Number => (int)DangerousGetHandle();

    /// <summary>Takes ownership of a new descriptor.</summary>
    /// <param name="descriptor">The result of the call; -1 for a failure.</param>
    /// <param name="call">The call, for the error message.</param>
    public static ProcessDescriptor Own(int descriptor, string call)
    {
        if (descriptor < 0)
        {
            throw ProcessLibc.Error(call);
        }
        if (descriptor > 2)
        {
            return new ProcessDescriptor(descriptor);
        }
        // A host with a closed stdin, for example, hands out low numbers.
        var higher = Posix.Fcntl(descriptor, Posix.F_DUPFD_CLOEXEC, 3);
        var error = Marshal.GetLastPInvokeError();
        _ = Posix.Close(descriptor);
        return higher >= 0 ? new ProcessDescriptor(higher) : throw ProcessLibc.Error("fcntl(F_DUPFD_CLOEXEC)", error);
    }

    /// <summary>Duplicates a descriptor of another owner, such as stdin.</summary>
    /// <param name="descriptor">The number.</param>
    /// <param name="least">The least number of the copy.</param>
    public static ProcessDescriptor Duplicate(int descriptor, int least = 3) =>
        Own(Posix.Fcntl(descriptor, Posix.F_DUPFD_CLOEXEC, least), "fcntl(F_DUPFD_CLOEXEC)");

    /// <summary>Makes a pipe (pipe(7)).</summary>
    public static (ProcessDescriptor Read, ProcessDescriptor Write) Pipe()
    {
        var ends = stackalloc int[2];
        if (ProcessLibc.Pipe(ends, Posix.O_CLOEXEC) != 0)
        {
            throw ProcessLibc.Error("pipe2");
        }
        var read = Own(ends[0], "pipe2");
        return (read, Own(ends[1], "pipe2"));
    }

    /// <summary>Gives a pipe, with both ends, to another user: only the owner can reopen it by /dev/stdin, /dev/stdout or
    /// /proc/self/fd (pipes have the mode 0600).</summary>
    public void GiveTo((uint User, uint Group) owner)
    {
        if (ProcessLibc.ChangeOwner(Number, owner.User, owner.Group) != 0)
        {
            throw ProcessLibc.Error("fchown of a pipe");
        }
    }

    /// <summary>Enlarges a pipe, for streams of many bytes. A user with too many large pipes keeps the usual size.</summary>
    public void Widen() => _ = Posix.Fcntl(Number, Posix.F_SETPIPE_SZ, WidePipeBytes);

    /// <summary>Makes reads and writes non-blocking: EAGAIN in place of a wait.</summary>
    public void NeverBlock()
    {
        if (Posix.Fcntl(Number, Posix.F_SETFL, Posix.O_NONBLOCK) < 0)
        {
            throw ProcessLibc.Error("fcntl(F_SETFL)");
        }
    }

    /// <summary>Makes an event for signals between threads, usable in poll(2) (eventfd(2)).</summary>
    public static ProcessDescriptor Event() => Own(ProcessLibc.EventFd(0, Posix.O_CLOEXEC), "eventfd");

    /// <summary>Signals an event made by <see cref="Event"/>; does nothing after its disposal.</summary>
    public void Signal()
    {
        var added = false;
        try
        {
            DangerousAddRef(ref added);
            ulong one = 1;
            if (ProcessLibc.Write(Number, (byte*)&one, sizeof(ulong)) != sizeof(ulong))
            {
                throw ProcessLibc.Error("write to an eventfd");
            }
        }
        catch (ObjectDisposedException) when (!added)
        {
            // Disposed of, so the wait is over.
        }
        finally
        {
            if (added)
            {
                DangerousRelease();
            }
        }
    }

    /// <summary>Reads available bytes, waiting for at least one. Returns 0 at the end.</summary>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = ProcessLibc.Read(Number, start, buffer.Length);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            return count >= 0 ? (int)count : throw ProcessLibc.Error("read");
        }
    }

    /// <summary>Reads available bytes from a non-blocking descriptor.</summary>
    /// <returns>0 at the end, or after the last writer of a terminal; null if no bytes are available.</returns>
    public int? TryRead(Span<byte> buffer)
    {
        try
        {
            return Read(buffer);
        }
        catch (IOException e) when (e.HResult is Errno.EAGAIN or Errno.EIO)
        {
            return e.HResult == Errno.EAGAIN ? null : 0;
        }
    }

    /// <summary>Writes as many bytes as there is room for.</summary>
    /// <returns>The number of bytes written; null if no reader is left (EIO, EPIPE).</returns>
    public int? TryWrite(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = ProcessLibc.Write(Number, start, bytes.Length);
                if (count >= 0)
                {
                    return (int)count;
                }
                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.EAGAIN:
                        return 0;
                    case Errno.EIO or Errno.EPIPE:
                        return null;
                    case var error:
                        throw ProcessLibc.Error("write", error);
                }
            }
        }
    }

    /// <summary>The number of bytes readable without a wait.</summary>
    public int Available()
    {
        int count;
        return Posix.Ioctl(Number, ProcessLibc.FIONREAD, (nint)(&count)) == 0 ? count : throw ProcessLibc.Error("ioctl(FIONREAD)");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Posix.Close((int)handle) == 0;
}
