using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Agb.Testing;

/// <summary>A program in the place of a browser: a WebSocket server that gives its own answers.</summary>
public sealed class FakeDevTools : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<WebSocket, CancellationToken, Task> _serve;
    private readonly string _version;
    private int _connections;

    /// <summary>Starts the server.</summary>
    /// <param name="serve">Serves a WebSocket.</param>
    /// <param name="version">The whole answer to other requests, or null for a browser's.</param>
    public FakeDevTools(Func<WebSocket, CancellationToken, Task> serve, string? version = null)
    {
        const string Body = """{"Browser":"Fake/1","webSocketDebuggerUrl":"ws://127.0.0.1/devtools/browser/x"}""";
        (_serve, _version) = (serve, version ?? $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The address of the WebSocket.</summary>
    public string Endpoint => $"ws://{_listener.LocalEndpoint}/devtools/browser/x";

    /// <summary>The number of open connections.</summary>
    public int Connections => _connections;

    /// <summary>Waits for a message.</summary>
    public static async Task ReceiveAsync(WebSocket socket, CancellationToken token)
    {
        var buffer = new byte[64 * 1024];
        await socket.ReceiveAsync(buffer, token);
    }

    /// <summary>Sends a text as a message.</summary>
    public static Task SendAsync(WebSocket socket, string text, CancellationToken token) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, token);

    /// <summary>Connects to it.</summary>
    public async Task<Stream> ConnectAsync(CancellationToken token)
    {
        var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, token);
        return client.GetStream();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_closing.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test ends.
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            using var held = client;
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
            string? key = null;
            while (await reader.ReadLineAsync(_closing.Token) is { Length: > 0 } line)
            {
                key = line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase) ? line.Split(':')[1].Trim() : key;
            }
            if (key is null)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(_version), _closing.Token);
                return;
            }
#pragma warning disable CA5350 // RFC 6455 has SHA-1.
            var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"),
                _closing.Token);
            using var socket = WebSocket.CreateFromStream(stream, isServer: true, subProtocol: null, Timeout.InfiniteTimeSpan);
            await _serve(socket, _closing.Token);
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException)
        {
            // The client went away, or the test ends.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }
}
