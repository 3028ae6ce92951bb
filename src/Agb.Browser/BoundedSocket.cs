using System.Net.WebSockets;

namespace Agb.Browser;

/// <summary>A WebSocket with a limit of its messages: the library keeps a message as a whole, and the browser may be another
/// program.</summary>
internal sealed class BoundedSocket : WebSocket
{
    // A picture of a whole page in base64 is the largest usual message.
    private const int MostBytes = 128 * 1024 * 1024;

    private readonly ClientWebSocket _socket = new();
    // Its own: a shared one keeps a connection whose request was cancelled for the next request.
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseCookies = false });
    private Task _connecting = Task.CompletedTask;
    private long _received;

    internal BoundedSocket()
    {
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
    }

    /// <inheritdoc/>
    public override WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <inheritdoc/>
    public override string? CloseStatusDescription => _socket.CloseStatusDescription;

    /// <inheritdoc/>
    public override WebSocketState State => _socket.State;

    /// <inheritdoc/>
    public override string? SubProtocol => _socket.SubProtocol;

    /// <summary>Connects.</summary>
    internal Task ConnectAsync(Uri address, CancellationToken cancellationToken) => _connecting = _socket.ConnectAsync(address, _http, cancellationToken);

    /// <summary>Ends the connection after the end of the connect: an abort beside it can miss the connection just made.</summary>
    internal async Task EndAsync()
    {
        await _connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Abort();
    }

    /// <inheritdoc/>
    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        var part = await _socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
        _received += part.Count;
        if (_received > MostBytes)
        {
            Abort();
            throw new WebSocketException(WebSocketError.HeaderError, $"A message has more than {MostBytes} bytes.");
        }
        if (part.EndOfMessage)
        {
            _received = 0;
        }
        return part;
    }

    /// <inheritdoc/>
    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        _socket.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

    /// <inheritdoc/>
    public override void Abort()
    {
        _socket.Abort();
        _http.Dispose();
    }

    /// <inheritdoc/>
    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        _socket.CloseAsync(closeStatus, statusDescription, cancellationToken);

    /// <inheritdoc/>
    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        _socket.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _socket.Dispose();
        _http.Dispose();
    }
}
