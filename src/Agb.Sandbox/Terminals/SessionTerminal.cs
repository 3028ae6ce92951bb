using System.Threading.Channels;

namespace Agb.Sandbox;

/// <summary>A terminal in a sandbox. A dedicated thread waits for output and for the end of the shell.</summary>
internal sealed class SessionTerminal : IAgbTerminal
{
    private const int ReadBytes = 16 * 1024;

    // More than a terminal buffers. Further output of background processes must not delay the end.
    private const int MaxBytesAfterEnd = 128 * 1024;

    // Unread blocks of output; when they are full, the programs inside wait, as at any slow terminal.
    private const int WaitingReads = 8;

    private readonly ProcessDescriptor _master;
    private readonly IRunningProcess _child;
    private readonly ProcessDescriptor _stop = ProcessDescriptor.Event();
    private readonly Action<PidFd> _kill;
    private readonly LimitWatch _watch;
    private readonly Channel<byte[]> _shown = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(WaitingReads) { SingleReader = true, SingleWriter = true });

    // Held by writers and by the disposal: it closes the descriptors of the writers.
    private readonly Lock _open = new();
    private ReadOnlyMemory<byte> _rest;
    private bool _disposed;

    /// <summary>Takes over a started shell.</summary>
    /// <param name="master">The engine's end of the terminal.</param>
    /// <param name="shell">The shell on that terminal.</param>
    /// <param name="kill">Ends the shell and its descendants.</param>
    /// <param name="watch">Watches the limits of the session.</param>
    public SessionTerminal(ProcessDescriptor master, IRunningProcess shell, Action<PidFd> kill, LimitWatch watch)
    {
        _master = master;
        _kill = kill;
        _watch = watch;
        _child = shell;
        ExitCode = ProcessRun.OnThread("agb-terminal", Run);
    }

    /// <inheritdoc/>
    public Task<int> ExitCode { get; }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await _shown.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return 0;
            }
            if (_shown.Reader.TryRead(out var read))
            {
                _rest = read;
            }
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> typed, CancellationToken cancellationToken = default)
    {
        lock (_open)
        {
            // The terminal fills up when its program does not read; the end of the shell or the disposal ends this wait.
            while (!typed.IsEmpty && !_disposed && !ExitCode.IsCompleted && _master.TryWrite(typed.Span) is { } written)
            {
                cancellationToken.ThrowIfCancellationRequested();
                typed = typed[written..];
                if (written == 0)
                {
                    ProcessWait.ForRoom(_master, _child.Ended, _stop);
                    if (ProcessWait.One(_child.Ended, TimeSpan.Zero) || ProcessWait.One(_stop, TimeSpan.Zero))
                    {
                        break;
                    }
                }
            }
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ResizeAsync(AgbTerminalSize size, CancellationToken cancellationToken = default)
    {
        RequestRules.TerminalSize(size);
        lock (_open)
        {
            if (!_disposed)
            {
                TerminalDevice.SetSize(_master, size.Columns, size.Rows);
            }
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Wakes a waiting writer, so that it releases the lock, and the thread.
        _stop.Signal();
        _shown.Writer.TryComplete();
        try
        {
            await ExitCode.ConfigureAwait(false);
        }
        finally
        {
            lock (_open)
            {
                _disposed = true;
                _master.Dispose();
                _child.Dispose();
                _stop.Dispose();
            }
        }
    }

    private int Run()
    {
        try
        {
            if (!PumpUntilEnd())
            {
                _kill(_child.Process);
            }
            var (exitCode, signal) = _child.TakeStatus();
            if (_watch.Reached(exitCode, signal) is { } limit)
            {
                Show(Encoding.UTF8.GetBytes($"\r\n{LimitRules.Reached(limit)}\r\n"));
            }
            return exitCode;
        }
        finally
        {
            _shown.Writer.TryComplete();
        }
    }

    /// <summary>Passes on output until the end.</summary>
    /// <returns>True when the shell has ended by itself, false when it shall be ended.</returns>
    private bool PumpUntilEnd()
    {
        var buffer = new byte[ReadBytes];
        Span<short> returned = stackalloc short[3];
        var master = _master;
        var left = MaxBytesAfterEnd;
        while (true)
        {
            ProcessWait.Any([_child.Ended, _stop, master], returned, _watch.Interval);
            if (returned[1] != 0 || _watch.IsOver())
            {
                return false;
            }
            // Output before end: the last output of a shell is still in the terminal after its end.
            var count = master?.TryRead(buffer);
            if (count > 0 && left > 0)
            {
                left -= returned[0] != 0 ? count.Value : 0;
                if (!Show(buffer.AsSpan(0, count.Value).ToArray()))
                {
                    return false;
                }
            }
            else if (returned[0] != 0)
            {
                return true;
            }
            else if (count == 0)
            {
                // No program has the terminal open: only the end of the shell remains.
                master = null;
            }
        }
    }

    /// <summary>Writes output to the channel, waiting for room.</summary>
    /// <returns>False after the disposal.</returns>
    private bool Show(byte[] bytes)
    {
        while (!_shown.Writer.TryWrite(bytes))
        {
            if (!_shown.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
            {
                return false;
            }
        }
        return true;
    }
}
