using System.Runtime.InteropServices;

namespace Agb.Engine;

/// <summary>The terminal that this process was started on, for passing it on to a session's terminal, of whichever service.
/// The two stay two: only bytes and sizes pass between them.</summary>
public sealed class HostTerminal : IDisposable
{
    private const int ReadBytes = 16 * 1024;

    private readonly ProcessDescriptor _input = ProcessDescriptor.Duplicate(0);
    private readonly ProcessDescriptor _output = ProcessDescriptor.Duplicate(1);

    private HostTerminal()
    {
    }

    /// <summary>The size at this moment.</summary>
    public AgbTerminalSize Size =>
        TerminalDevice.TryGetSize(_output) is { Columns: > 0, Rows: > 0 } size ? new AgbTerminalSize(size.Columns, size.Rows) : AgbTerminalRequest.DefaultSize;

    /// <summary>Opens it.</summary>
    /// <returns>Null when stdin or stdout is no terminal.</returns>
    public static HostTerminal? TryOpen() =>
        TerminalLibc.IsTerminal(0) == 1 && TerminalLibc.IsTerminal(1) == 1 ? new HostTerminal() : null;

    /// <summary>Shows a session's terminal here, with every key going there, until its shell ends. The settings of this
    /// terminal are then as they were, also after errors.</summary>
    /// <param name="session">The session's terminal. It is disposed of in every case.</param>
    /// <param name="cancellationToken">Ends the shell.</param>
    /// <returns>The shell's exit code.</returns>
    public async Task<int> AttachAsync(IAgbTerminal session, CancellationToken cancellationToken)
    {
        await using var end = session.ConfigureAwait(false);
        using var stop = ProcessDescriptor.Event();
        using var resized = ProcessDescriptor.Event();
        // Registered before the size is read, so that no change is missed.
        using var onResize = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => resized.Signal());
        await session.ResizeAsync(Size, cancellationToken).ConfigureAwait(false);
        using var raw = new RawMode(_input);
        var input = ProcessRun.OnThread("agb-keys", () => PassKeys(session, stop, resized));
        var output = ShowAsync(session, cancellationToken);
        try
        {
            // The keys end first only when this terminal is gone, or with an error.
            await (await Task.WhenAny(output, input).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            stop.Signal();
            // Frees both of them, should they wait for the session.
            await session.DisposeAsync().ConfigureAwait(false);
            await Task.WhenAll(output, input).ConfigureAwait(false);
        }
        return await session.ExitCode.ConfigureAwait(false);
    }

    /// <summary>Lets go of it.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }

    private async Task ShowAsync(IAgbTerminal session, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadBytes];
        while (await session.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            var left = buffer.AsMemory(0, count);
            while (!left.IsEmpty)
            {
                // Gone (EIO): the window was closed. There is nobody to show anything to.
                if (_output.TryWrite(left.Span) is not { } written)
                {
                    return;
                }
                left = left[written..];
                if (written == 0)
                {
                    ProcessWait.ForRoom(_output);
                }
            }
        }
    }

    private bool PassKeys(IAgbTerminal session, ProcessDescriptor stop, ProcessDescriptor resized)
    {
        var buffer = new byte[ReadBytes];
        Span<short> returned = stackalloc short[3];
        while (true)
        {
            ProcessWait.Any([stop, resized, _input], returned, Timeout.InfiniteTimeSpan);
            if (returned[0] != 0)
            {
                return true;
            }
            if (returned[1] != 0)
            {
                resized.Read(buffer.AsSpan(0, sizeof(ulong)));
                session.ResizeAsync(Size).AsTask().GetAwaiter().GetResult();
            }
            if (returned[2] != 0)
            {
                if (_input.TryRead(buffer) is not { } count)
                {
                    continue;
                }
                if (count == 0)
                {
                    // The window was closed.
                    return false;
                }
                session.WriteAsync(buffer.AsMemory(0, count)).AsTask().GetAwaiter().GetResult();
            }
        }
    }

    /// <summary>Every key as it is, as long as this object lives.</summary>
    private sealed class RawMode : IDisposable
    {
        private readonly ProcessDescriptor _terminal;
        private readonly byte[] _before;

        public RawMode(ProcessDescriptor terminal)
        {
            _terminal = terminal;
            _before = TerminalDevice.MakeRaw(terminal);
            // A shell that this process leaves behind must not inherit a terminal without echo.
            AppDomain.CurrentDomain.ProcessExit += RestoreAtExit;
        }

        public void Dispose()
        {
            AppDomain.CurrentDomain.ProcessExit -= RestoreAtExit;
            TerminalDevice.Restore(_terminal, _before);
        }

        private void RestoreAtExit(object? sender, EventArgs e) => TerminalDevice.Restore(_terminal, _before);
    }
}
