namespace Agb.Engine;

/// <summary>The live view of desktops: servers of the RFB protocol on the loopback of sessions (RFC 6143).</summary>
internal sealed class DesktopView(DesktopRunner runner, CommandOperations commands, SessionActivity activity)
{
    private const int ControlPort = 5900;
    private const int ViewOnlyPort = 5901;

    /// <summary>Connects to the view, starting its server on first need. The session is in use until the stream is disposed.</summary>
    internal async Task<Stream> ConnectAsync(string sessionId, AgbDesktopViewMode mode, CancellationToken cancellationToken)
    {
        var port = mode == AgbDesktopViewMode.Control ? ControlPort : ViewOnlyPort;
        await runner.TextAsync(
            sessionId, ["view"], [port.ToString(CultureInfo.InvariantCulture), mode == AgbDesktopViewMode.Control ? "" : "-viewonly"], cancellationToken).ConfigureAwait(false);
        var stream = await commands.ConnectAsync(sessionId, port, cancellationToken).ConfigureAwait(false);
        return new UsedStream(stream, activity.Use(sessionId));
    }
}
