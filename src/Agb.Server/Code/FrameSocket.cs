using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agb.Server.Api;
using Microsoft.AspNetCore.Http;

namespace Agb.Server.Code;

/// <summary>A WebSocket whose messages are read whole, and written by several callers one after the other.</summary>
internal sealed class FrameSocket(WebSocket socket, long maxMessageBytes, TimeSpan patience) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ArrayBufferWriter<byte> _message = new(4096);

    /// <summary>Makes sure that a request asks for a WebSocket.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal static void Require(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "The request does not ask for a WebSocket.", "Connect with a WebSocket client.");
        }
    }

    /// <summary>Makes a request into a WebSocket.</summary>
    /// <exception cref="AgbException">TooManyRequests when the server has as many as it may.</exception>
    internal static async Task<WebSocket> AcceptAsync(HttpContext context)
    {
        try
        {
            return await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException e) when (!context.Response.HasStarted)
        {
            // The web server's way to say that its limit is reached; what was asked for was looked at before.
            context.Response.Headers.RetryAfter = "5";
            throw new AgbException(
                AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted, "The server has as many WebSockets as it may.", "Come again after 5 s.", inner: e);
        }
    }

    /// <summary>Reads the first message, for which a client has some time.</summary>
    /// <returns>As <see cref="ReadAsync"/>; null also for a client that said nothing.</returns>
    internal async Task<(WebSocketMessageType Type, ReadOnlyMemory<byte> Bytes)?> ReadFirstAsync(Call call)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        limit.CancelAfter(call.Options.Patience.FirstFrame);
        try
        {
            return await ReadAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            // Whoever says nothing is not told anything either: giving up reading has broken the connection.
            return null;
        }
    }

    /// <summary>Reads the next message.</summary>
    /// <returns>Its type and bytes, which are good until the next call; null when the other side is done or gone.</returns>
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
                    await CloseAsync(WebSocketCloseStatus.MessageTooBig, "The message is larger than this server takes.").ConfigureAwait(false);
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
            // The connection broke, or was given up: nobody answered a ping, or took what was written.
            return null;
        }
    }

    /// <summary>Writes a message of JSON.</summary>
    internal Task WriteAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        WriteAsync(JsonSerializer.SerializeToUtf8Bytes(message, type), WebSocketMessageType.Text, cancellationToken);

    /// <summary>Writes a message. When the other side is gone nothing happens: reading tells.</summary>
    internal async Task WriteAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (socket.State == WebSocketState.Open)
            {
                await SendAsync(message, type, cancellationToken).ConfigureAwait(false);
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

    private async Task SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        var sending = socket.SendAsync(message, type, endOfMessage: true, cancellationToken);
        if (sending.IsCompletedSuccessfully)
        {
            return;
        }
        try
        {
            await sending.AsTask().WaitAsync(patience, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The other side is there and takes nothing: it is as good as gone.
            socket.Abort();
        }
    }

    /// <summary>Closes the socket without waiting for the other side.</summary>
    internal async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status, reason, CancellationToken.None).ConfigureAwait(false);
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
