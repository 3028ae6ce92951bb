using System.Runtime.InteropServices;

namespace Agb.Engine;

/// <summary>The terminal of this process, for attaching it to a session's terminal of any service.
/// The terminals stay separate: only bytes and sizes pass between them.</summary>
public sealed class HostTerminal : IDisposable
{
    private const int ReadBytes = 16 * 1024;

    private readonly ProcessDescriptor _input = ProcessDescriptor.Duplicate(0);
    private readonly ProcessDescriptor _output = ProcessDescriptor.Duplicate(1);

    private HostTerminal()
    {
    }

    /// <summary>The current size.</summary>
    public AgbTerminalSize Size =>
        TerminalDevice.TryGetSize(_output) is { Columns: > 0, Rows: > 0 } size ? new AgbTerminalSize(size.Columns, size.Rows) : AgbTerminalRequest.DefaultSize;

    /// <summary>Opens the terminal of this process.</summary>
    /// <returns>Null if stdin or stdout is not a terminal.</returns>
    public static HostTerminal? TryOpen() =>
        TerminalLibc.IsTerminal(0) == 1 && TerminalLibc.IsTerminal(1) == 1 ? new HostTerminal() : null;

    /// <summary>Attaches this terminal to a session's terminal until its shell ends. The settings of this terminal are then
    /// restored, also after errors.</summary>
    /// <param name="session">The session's terminal. It is always disposed of.</param>
    /// <param name="cancellationToken">Ends the shell.</param>
    /// <returns>The shell's exit code.</returns>
    public async Task<int> AttachAsync(IAgbTerminal session, CancellationToken cancellationToken)
    {
        await using var end = session.ConfigureAwait(false);
        using var stop = ProcessDescriptor.Event();
        using var resized = ProcessDescriptor.Event();
        // Registered before the size is read, so no change is missed.
        using var onResize = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => resized.Signal());
        await session.ResizeAsync(Size, cancellationToken).ConfigureAwait(false);
        using var raw = new RawMode(_input);
        var input = ProcessRun.OnThread("agb-keys", () => PassKeys(session, stop, resized));
        var output = ShowAsync(session, cancellationToken);
        try
        {
            // The input ends first only if this terminal is gone, or with an error.
            await (await Task.WhenAny(output, input).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            stop.Signal();
            // Unblocks both tasks if they wait for the session.
            await session.DisposeAsync().ConfigureAwait(false);
            await Task.WhenAll(output, input).ConfigureAwait(false);
        }
        return await session.ExitCode.ConfigureAwait(false);
    }

    /// <summary>Closes the terminal's descriptors.</summary>
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
                // EIO: the window was closed, so further output has no reader.
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

    /// <summary>Raw mode of the terminal during the life of this object.</summary>
    private sealed class RawMode : IDisposable
    {
        private readonly ProcessDescriptor _terminal;
        private readonly byte[] _before;

        public RawMode(ProcessDescriptor terminal)
        {
            _terminal = terminal;
            _before = TerminalDevice.MakeRaw(terminal);
            // The user's shell must not inherit a terminal without echo at the exit of this process.
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
