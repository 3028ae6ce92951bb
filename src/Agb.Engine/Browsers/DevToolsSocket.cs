using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agb.Engine;

/// <summary>A connection for commands of the Chrome DevTools Protocol, one at a time. Events are dropped.</summary>
internal sealed class DevToolsSocket(WebSocket socket) : IDisposable
{
    // Far more than the answers to the engine's own commands.
    private const int MostBytes = 4 * 1024 * 1024;

    private int _lastId;

    /// <summary>Sends a command and waits for its result.</summary>
    /// <param name="method">The command.</param>
    /// <param name="parameters">Its parameters, or null.</param>
    /// <param name="target">The session of an attached target, or null for the browser.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="DevToolsException">The browser refused.</exception>
    /// <exception cref="WebSocketException">No answer, or no browser's.</exception>
    internal async Task<JsonElement> SendAsync(string method, JsonObject? parameters, string? target, CancellationToken cancellationToken)
    {
        var id = ++_lastId;
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (target is not null)
        {
            command["sessionId"] = target;
        }
        await socket.SendAsync(Encoding.UTF8.GetBytes(command.ToJsonString()), WebSocketMessageType.Text, true, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var received = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                using var message = JsonDocument.Parse(received);
                var root = message.RootElement;
                if (root.TryGetProperty("id", out var answered) && answered.ValueKind == JsonValueKind.Number && answered.GetInt32() == id)
                {
                    return root.TryGetProperty("error", out var error)
                        ? throw new DevToolsException(error.TryGetProperty("message", out var text) ? text.ToString() : error.ToString())
                        : root.TryGetProperty("result", out var result) ? result.Clone() : default;
                }
            }
            catch (Exception e) when (DevTools.IsForeign(e))
            {
                throw Foreign(e);
            }
        }
    }

    /// <summary>The error of an answer that no browser gives.</summary>
    internal static WebSocketException Foreign(Exception inner) => new(WebSocketError.InvalidMessageType, "The DevTools port's answer is not a browser's.", inner);

    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>(16 * 1024);
        while (true)
        {
            var part = await socket.ReceiveAsync(message.GetMemory(16 * 1024), cancellationToken).ConfigureAwait(false);
            message.Advance(part.Count);
            if (part.MessageType == WebSocketMessageType.Close || message.WrittenCount > MostBytes)
            {
                throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
            }
            if (part.EndOfMessage)
            {
                return message.WrittenMemory;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}

/// <summary>A refusal of the browser.</summary>
internal sealed class DevToolsException(string message) : Exception(message);
