using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agb.Server;

/// <summary>A WebSocket for whole messages. Several callers can write, one after the other.</summary>
internal sealed class FrameSocket(WebSocket socket, long maxMessageBytes, TimeSpan timeout) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ArrayBufferWriter<byte> _message = new(4096);

    /// <summary>Requires a WebSocket request.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal static void Require(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "The request is not a WebSocket request.", "Connect with a WebSocket client.");
        }
    }

    /// <summary>Accepts a WebSocket request.</summary>
    /// <exception cref="AgbException">TooManyRequests at the server's limit of WebSockets.</exception>
    internal static async Task<WebSocket> AcceptAsync(HttpContext context)
    {
        try
        {
            return await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException e) when (!context.Response.HasStarted)
        {
            // Kestrel reports its limit of WebSockets in this way; the request itself was checked before.
            context.Response.Headers.RetryAfter = "5";
            throw new AgbException(
                AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted, "The server is at its limit of WebSockets.", "Try again after 5 s.", inner: e);
        }
    }

    /// <summary>Reads the first message, within a time limit.</summary>
    /// <returns>As <see cref="ReadAsync"/>; null also for a silent client.</returns>
    internal async Task<(WebSocketMessageType Type, ReadOnlyMemory<byte> Bytes)?> ReadFirstAsync(Call call)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        limit.CancelAfter(call.Options.Timeouts.FirstFrame);
        try
        {
            return await ReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            // A silent client gets no answer: the cancelled read has broken the connection.
            return null;
        }
    }

    /// <summary>Reads the next message.</summary>
    /// <returns>Its type and bytes, valid until the next call; null after a close or a lost connection.</returns>
    internal async Task<(WebSocketMessageType Type, ReadOnlyMemory<byte> Bytes)?> ReadAsync(CancellationToken cancellationToken)
    {
        _message.ResetWrittenCount();
        try
        {
            while (true)
            {
                var read = await socket.ReceiveAsync(_message.GetMemory(4096), cancellationToken).ConfigureAwait(false);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }
                _message.Advance(read.Count);
                if (_message.WrittenCount > maxMessageBytes)
                {
                    await CloseAsync(WebSocketCloseStatus.MessageTooBig, "The message is too large for this server.").ConfigureAwait(false);
                    return null;
                }
                if (read.EndOfMessage)
                {
                    return (read.MessageType, _message.WrittenMemory);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The connection broke, or was aborted after an unanswered ping or a stalled write.
            return null;
        }
    }

    /// <summary>Writes a message of JSON.</summary>
    internal Task WriteAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        WriteAsync(JsonSerializer.SerializeToUtf8Bytes(message, type), WebSocketMessageType.Text, cancellationToken);

    /// <summary>Writes a message. Does nothing after a lost connection: the reader reports it.</summary>
    internal Task WriteAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellationToken) => WithSocketAsync(
        [WebSocketState.Open], () => SendAsync(message, type, cancellationToken), cancellationToken);

    private async Task SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        var sending = socket.SendAsync(message, type, endOfMessage: true, cancellationToken);
        if (sending.IsCompletedSuccessfully)
        {
            return;
        }
        try
        {
            await sending.AsTask().WaitAsync(timeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The other side is connected but takes nothing: treat it as gone.
            socket.Abort();
        }
    }

    /// <summary>Closes the socket without waiting for the other side.</summary>
    internal Task CloseAsync(WebSocketCloseStatus status, string reason) => WithSocketAsync(
        [WebSocketState.Open, WebSocketState.CloseReceived], () => socket.CloseOutputAsync(status, reason, CancellationToken.None), CancellationToken.None);

    /// <summary>Uses the socket, as its only writer, in one of the given states.</summary>
    private async Task WithSocketAsync(WebSocketState[] states, Func<Task> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (states.Contains(socket.State))
            {
                await work().ConfigureAwait(false);
            }
        }
        catch (WebSocketException)
        {
            // The connection broke.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();
}
