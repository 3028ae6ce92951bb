using System.Net.WebSockets;
using System.Text;
using Agb.Protocol;

namespace Agb.Server.Tests.Support;

/// <summary>A WebSocket of a client that follows the rules.</summary>
internal sealed class SocketClient : IDisposable
{
    private SocketClient(ClientWebSocket socket) => Socket = socket;

    internal ClientWebSocket Socket { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Connects to the code socket of a new session.</summary>
    internal static async Task<SocketClient> CodeAsync(TestServer server)
    {
        var session = await server.CreateSessionAsync();
        return await ConnectAsync(session.WsUrl!, WireHeaders.AccessToken, session.Token!);
    }

    /// <summary>Connects to the endpoint of terminals.</summary>
    internal static Task<SocketClient> TerminalAsync(TestServer server, string key = TestServer.Key) => OwnerAsync(server, AgbServerRoutes.Terminal, key);

    /// <summary>Connects to an endpoint that asks for an API key.</summary>
    internal static Task<SocketClient> OwnerAsync(TestServer server, string route, string key = TestServer.Key) =>
        ConnectAsync($"ws://127.0.0.1:{server.Url.Port}{route}", "authorization", "Bearer " + key);

    internal static async Task<SocketClient> ConnectAsync(string url, string header, string value)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(header, value);
        await socket.ConnectAsync(new Uri(url), Token);
        return new SocketClient(socket);
    }

    internal Task SendTextAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    internal Task SendAsync(byte[] message, WebSocketMessageType type) => Socket.SendAsync(message, type, true, Token);

    /// <summary>Reads a message.</summary>
    internal async Task<string> ReadTextAsync()
    {
        var message = new MemoryStream();
        var buffer = new byte[65536];
        ValueWebSocketReceiveResult read;
        do
        {
            read = await Socket.ReceiveAsync(buffer.AsMemory(), Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
            message.Write(buffer, 0, read.Count);
        }
        while (!read.EndOfMessage);
        message.Length.ShouldBeLessThan(1024 * 1024);
        return Encoding.UTF8.GetString(message.ToArray());
    }

    public void Dispose() => Socket.Dispose();
}
