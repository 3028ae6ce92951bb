using System.Net.Sockets;
using System.Text;

namespace Agb.Server.Tests.Support;

/// <summary>A TCP connection to a server, for what no client library sends. Waiting is bounded, generously.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private RawConnection(int receiveBuffer)
    {
        if (receiveBuffer > 0)
        {
            _socket.ReceiveBufferSize = receiveBuffer;
        }
    }

    /// <summary>The port on this side.</summary>
    internal int Port => ((System.Net.IPEndPoint)_socket.LocalEndPoint!).Port;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static async Task<RawConnection> OpenAsync(TestServer server, int? port = null, int receiveBuffer = 0)
    {
        var connection = new RawConnection(receiveBuffer);
        await connection._socket.ConnectAsync("127.0.0.1", port ?? server.Url.Port, Token);
        return connection;
    }

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="server">The server.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="header">One more header.</param>
    internal static async Task<RawConnection> UpgradeAsync(TestServer server, string target, string header)
    {
        var connection = await OpenAsync(server);
        await connection.SendAsync(UpgradeRequest(target, header));
        var head = await connection.ReadHeadAsync();
        head.ShouldStartWith("HTTP/1.1 101", Case.Sensitive, head);
        return connection;
    }

    /// <summary>A request for a WebSocket.</summary>
    internal static string UpgradeRequest(string target, string header) =>
        $"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{header}\r\n\r\n";

    internal Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[(await _socket.SendAsync(bytes, Token).AsTask().WaitAsync(s_patience, Token))..];
        }
    }

    /// <summary>Sends a frame (RFC 6455, section 5.2).</summary>
    /// <param name="first">Its first byte: FIN, reserved bits and opcode.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="isMasked">Whether it is masked, as a client's must be.</param>
    internal Task SendFrameAsync(byte first, ReadOnlyMemory<byte> payload, bool isMasked = true) => SendAsync(Frame(first, payload, isMasked));

    /// <summary>The bytes of a frame.</summary>
    internal static byte[] Frame(byte first, ReadOnlyMemory<byte> payload, bool isMasked)
    {
        var mask = isMasked ? (byte)0x80 : (byte)0;
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)(mask | payload.Length)],
            <= ushort.MaxValue => [(byte)(mask | 126), (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [(byte)(mask | 127), 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        byte[] key = isMasked ? [1, 2, 3, 4] : [];
        var body = payload.ToArray();
        for (var i = 0; isMasked && i < body.Length; i++)
        {
            body[i] ^= key[i % 4];
        }
        return [first, .. length, .. key, .. body];
    }

    /// <summary>Reads the next frame; null when the connection has ended.</summary>
    internal async Task<(int Opcode, byte[] Payload)?> ReadFrameAsync()
    {
        if (await ReadAsync(2) is not [var first, var second])
        {
            return null;
        }
        long length = second & 0x7F;
        if (length >= 126)
        {
            var bytes = await ReadAsync(length == 126 ? 2 : 8);
            length = bytes.Aggregate(0L, (sum, b) => (sum << 8) | b);
        }
        var payload = await ReadAsync((int)length);
        return payload.Length < length ? null : (first & 0x0F, payload);
    }

    /// <summary>Reads the head of an answer.</summary>
    internal async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await ReadAsync(1) is [var next])
        {
            head.Append((char)next);
        }
        return head.ToString();
    }

    /// <summary>Reads so many bytes as text.</summary>
    internal async Task<string> ReadExactlyAsync(int count) => Encoding.UTF8.GetString(await ReadAsync(count));

    /// <summary>Reads a line.</summary>
    internal async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (await ReadAsync(1) is [var next] && next != '\n')
        {
            line.Append((char)next);
        }
        return line.ToString().TrimEnd('\r');
    }

    /// <summary>Reads until the server ends the connection. One that is broken off has ended too.</summary>
    internal async Task<byte[]> ReadToEndAsync() => await ReadAsync(int.MaxValue);

    /// <summary>Says that nothing more comes.</summary>
    internal void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]> ReadAsync(int count)
    {
        using var read = new MemoryStream();
        var buffer = new byte[Math.Min(count, 65536)];
        try
        {
            while (read.Length < count)
            {
                var got = await _socket.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count - read.Length)), Token).AsTask().WaitAsync(s_patience, Token);
                if (got == 0)
                {
                    break;
                }
                read.Write(buffer, 0, got);
            }
        }
        catch (SocketException)
        {
            // Broken off.
        }
        return read.ToArray();
    }
}
