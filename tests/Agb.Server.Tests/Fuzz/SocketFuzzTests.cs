using System.Net.WebSockets;
using System.Text;
using Agb.Protocol;
using Agb.Server.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Tests.Fuzz;

/// <summary>Frames that are wrong in every way, on every endpoint that takes WebSockets: what they belong to ends, and nothing else happens.</summary>
public sealed class SocketFuzzTests
{
    private const string Owner = "Authorization: Bearer " + TestServer.Key;

    private static readonly string[] s_texts =
    [
        """{"sessionId":"s-1"}""", """{"sessionId":"s-1","columns":80,"rows":24}""", """{"columns":40,"rows":10}""", """{"columns":-1,"rows":99999999999}""", """{"columns":0,"rows":0}""", """{"opened":true}""",
        """{"invocationId":"1","data":{"method":"run_code","params":{"code":"1"}}}""", """{"invocationId":"1","data":{"params":{"code":7}}}""", """{"invocationId":"2","data":{"params":{"code":"1","timeoutS":1e999}}}""",
        """{"invocationId":"3","data":{"params":{"code":"1","language":null}}}""", """{"invocationId":null,"requestId":"4","data":{"params":{}}}""", """{"invocationId":{"a":1}}""", "{", "[]", "null", "7", "", "\0", "x",
        "{\"a\":" + new string('[', 3000),
    ];

    // Opcodes in the lower half: continuation, text, binary, reserved ones, close, ping, pong. Above: FIN and the reserved bits.
    private static readonly byte[] s_firsts =
        [0x81, 0x81, 0x81, 0x82, 0x82, 0x01, 0x02, 0x00, 0x80, 0x83, 0x87, 0x8B, 0x8F, 0x88, 0x89, 0x8A, 0x09, 0x08, 0xC1, 0xA2, 0x91, 0xF1, 0xFF];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Random_frames_on_terminals_and_code() => FuzzAsync(
        (server, random) =>
        {
            var session = new SessionKey("default", "s-1");
            var token = server.Server.Services.GetRequiredService<SignedLinks>().TokenOf(session);
            return Task.FromResult(random.Next(2) == 0 ? (AgbServerRoutes.Terminal, Owner) : ($"/ws/{session}", $"{WireHeaders.AccessToken}: {token}"));
        },
        150);

    [Fact]
    public async Task Random_frames_through_a_link()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var target = builder.Build();
        target.UseWebSockets();
        target.Map("/socket", async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            try
            {
                while ((await socket.ReceiveAsync(new byte[1024], context.RequestAborted)).MessageType != WebSocketMessageType.Close)
                {
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                // What it is sent is meant to be wrong.
            }
        });
        await target.StartAsync(Token);
        await FuzzAsync(async (server, _) =>
        {
            server.Fake.LinkTarget = new Uri(target.Urls.First());
            var link = (await server.CallAsync(HttpMethod.Get, "/internet/getLink?sessionId=s-1&port=30100")).DataAs(WireJson.Default.UrlData)!.Url!;
            return (new Uri(link).AbsolutePath + "socket", "X: y");
        }, 50);
    }

    [Theory]
    [InlineData(AgbServerRoutes.Terminal, 1 << 20)]
    [InlineData("/ws", 1 << 20)]
    public async Task A_message_that_is_too_large_ends_its_socket_also_in_pieces(string endpoint, int limit)
    {
        await using var server = await TestServer.StartAsync(o => o with { MaxRequestBytes = limit });
        server.Fake.AddSession();
        var session = await server.CreateSessionAsync();
        foreach (var pieces in new[] { 1, 4 })
        {
            using var connection = endpoint == "/ws"
                ? await RawConnection.UpgradeAsync(server, new Uri(session.WsUrl!).AbsolutePath, $"{WireHeaders.AccessToken}: {session.Token}")
                : await RawConnection.UpgradeAsync(server, endpoint, Owner);
            for (var i = 0; i < pieces; i++)
            {
                // The first has the opcode, the last FIN.
                await connection.SendFrameAsync((byte)((i == 0 ? 0x01 : 0x00) | (i == pieces - 1 ? 0x80 : 0x00)), new byte[(limit / pieces) + 1]);
            }

            var last = (await connection.ReadFrameAsync())!.Value;

            last.Opcode.ShouldBe(8);
            ((last.Payload[0] << 8) | last.Payload[1]).ShouldBe(1009);
        }
    }

    [Theory]
    [InlineData("GET", "Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: websocket\r\nConnection: Upgrade")]
    [InlineData("GET", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\nUpgrade: websocket\r\nConnection: Upgrade")]
    [InlineData("GET", "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nConnection: Upgrade")]
    [InlineData("GET", "Upgrade: h2c\r\nConnection: Upgrade")]
    [InlineData("GET", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: websocket")]
    [InlineData("POST", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0")]
    public async Task What_is_no_handshake_is_refused(string method, string headers)
    {
        await using var server = await FuzzTarget.StartAsync();
        using var connection = await RawConnection.OpenAsync(server);

        await connection.SendAsync($"{method} {AgbServerRoutes.Terminal} HTTP/1.1\r\nHost: h\r\n{Owner}\r\n{headers}\r\n\r\n");

        int.Parse((await connection.ReadHeadAsync()).Split(' ')[1]).ShouldBeInRange(400, 499);
    }

    private static async Task FuzzAsync(Func<TestServer, Random, Task<(string Target, string Header)>> endpoint, int iterations)
    {
        await using var server = await FuzzTarget.StartAsync();
        for (var i = 0; i < FuzzRun.Iterations(iterations); i++)
        {
            var random = FuzzRun.Of(i);
            var (target, header) = await endpoint(server, random);
            using var connection = await RawConnection.UpgradeAsync(server, target, header);
            try
            {
                for (var frames = random.Next(1, 12); frames > 0; frames--)
                {
                    await connection.SendAsync(Frame(random));
                }
                connection.EndSending();
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Ended at the first wrong frame, and rightly.
            }
            FuzzTarget.FaultOf(server, 0, Encoding.UTF8.GetString(await connection.ReadToEndAsync())).ShouldBeNull($"seed {FuzzRun.Seed}, iteration {i}");
        }
        await FuzzTarget.RestAsync(server, sessions: 1);
    }

    private static byte[] Frame(Random random)
    {
        byte[] payload = random.Next(4) switch
        {
            0 => Noise(random, 200),
            1 => Noise(random, 70_000),
            _ => Encoding.UTF8.GetBytes(random.Of(s_texts)),
        };
        var frame = RawConnection.Frame(random.Next(3) == 0 ? (byte)0x81 : random.Of(s_firsts), payload, isMasked: random.Next(8) != 0);
        return random.Next(10) switch
        {
            // A length that is not that of the payload, one with its highest bit set, and a part of a frame.
            0 => [frame[0], 0xFE, 0xFF, 0xFF, .. frame[2..]],
            1 => [frame[0], 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. frame[2..]],
            2 => frame[..random.Next(frame.Length)],
            _ => frame,
        };
    }

    private static byte[] Noise(Random random, int most)
    {
        var bytes = new byte[random.Next(most)];
        random.NextBytes(bytes);
        return bytes;
    }
}
