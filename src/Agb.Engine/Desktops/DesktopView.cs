namespace Agb.Engine;

/// <summary>Live views of desktops: servers of the RFB protocol on the loopback of sessions.</summary>
/// <param name="runner">Runs scripts in sessions.</param>
/// <param name="connect">Connects to a port of a session, which is then in use.</param>
internal sealed class DesktopView(DesktopRunner runner, Func<string, int, CancellationToken, Task<Stream>> connect)
{
    private const int ControlPort = 5900;
    private const int ViewOnlyPort = 5901;

    /// <summary>Opens a view. Its server is started on first need.</summary>
    internal async Task<IAgbDesktopView> OpenAsync(string sessionId, AgbDesktopViewMode mode, CancellationToken cancellationToken)
    {
        var (port, option) = mode switch
        {
            AgbDesktopViewMode.Control => (ControlPort, ""),
            AgbDesktopViewMode.ViewOnly => (ViewOnlyPort, "-viewonly"),
            _ => throw DesktopPointer.Invalid($"The mode is {mode}; expected Control or ViewOnly."),
        };
        await runner.TextAsync(sessionId, ["view"], [port.ToString(CultureInfo.InvariantCulture), option], cancellationToken).ConfigureAwait(false);
        return new View(await connect(sessionId, port, cancellationToken).ConfigureAwait(false));
    }

    private sealed class View(Stream stream) : IAgbDesktopView
    {
        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            try
            {
                return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The server was killed, with the session or alone.
                return 0;
            }
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            try
            {
                await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The reader reports the end.
            }
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
