namespace Agb.Engine;

/// <summary>Live views of desktops: servers of the RFB protocol on the loopback of sessions.</summary>
/// <param name="runner">Runs scripts in sessions.</param>
/// <param name="activity">The last use of sessions.</param>
/// <param name="connect">Connects to a port of a session.</param>
internal sealed class DesktopView(DesktopRunner runner, SessionActivity activity, Func<string, int, CancellationToken, Task<Stream>> connect)
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
        var used = activity.Use(sessionId);
        try
        {
            return new View(await connect(sessionId, port, cancellationToken).ConfigureAwait(false), used);
        }
        catch
        {
            used.Dispose();
            throw;
        }
    }

    private sealed class View(Stream stream, IDisposable used) : IAgbDesktopView
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

        public async ValueTask DisposeAsync()
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            used.Dispose();
        }
    }
}
