using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agb.Server.Code;

/// <summary>A WebSocket whose messages are read whole, and written by several callers one after the other.</summary>
internal sealed class FrameSocket(WebSocket socket, long maxMessageBytes) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ArrayBufferWriter<byte> _message = new(4096);

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
        catch (WebSocketException)
        {
            // The connection broke.
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
                await socket.SendAsync(message, type, endOfMessage: true, cancellationToken).ConfigureAwait(false);
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
