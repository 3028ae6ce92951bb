using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests.Fuzz;

/// <summary>What no client library sends: heads that are no HTTP, lengths that contradict each other, and a second request in the body of the
/// first, which a proxy in front might take for the first's.</summary>
public sealed partial class RawRequestFuzzTests
{
    private const string Key = "Authorization: Bearer " + TestServer.Key + "\r\n";
    private const string Hidden = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Last = "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    private const string Good = "POST /mcp/getSession HTTP/1.1\r\nHost: 127.0.0.1\r\n" + Key + "Content-Type: application/json\r\nContent-Length: 19\r\n\r\n{\"sessionId\":\"s-1\"}";

    private static readonly byte[] s_special = "\r\n\0 :;,%/\t\u007f"u8.ToArray();

    /// <summary>The requests that must not be understood in two ways: a head, and what follows it.</summary>
    private static readonly (string Headers, string Body)[] s_ambiguous =
    [
        ("Content-Length: 2\r\nContent-Length: 40", "{}" + Hidden),
        ("Content-Length: 2, 40", "{}" + Hidden),
        ("Content-Length: -1", Hidden),
        ("Content-Length: 2 ", "{"),
        ("Content-Length: 0x2", "{}" + Hidden),
        ("Content-Length: 99999999999999999999", "{}" + Hidden),
        ("Content-Length : 2", "{}" + Hidden),
        ("Content-Length:\r\n 2", "{}" + Hidden),
        ("Transfer-Encoding: xchunked", "2\r\n{}\r\n0\r\n\r\n" + Hidden),
        ("Transfer-Encoding: identity", "{}" + Hidden),
        ("Transfer-Encoding: chunked, identity", "2\r\n{}\r\n0\r\n\r\n" + Hidden),
        ("Transfer-Encoding: gzip", "{}" + Hidden),
        ("Transfer-Encoding : chunked", "2\r\n{}\r\n0\r\n\r\n" + Hidden),
        ("Transfer-Encoding:\r\n chunked", "2\r\n{}\r\n0\r\n\r\n" + Hidden),
        ("Transfer-Encoding: chunked", "-2\r\n{}\r\n0\r\n\r\n" + Hidden),
        ("Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n" + Hidden),
        ("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFFFF\r\n{}" + Hidden),
        ("Transfer-Encoding: chunked", "2\n{}\n0\n\n" + Hidden),
        ("Transfer-Encoding: chunked", "2\r\n{}0\r\n\r\n" + Hidden),
        ("Transfer-Encoding: chunked", "2;" + new string('x', 20_000) + "\r\n{}"),
        ("Content-Length: 2\r\nHost: other", "{}"),
        ("Content-Length: 2\r\n: x", "{}"),
        ("Content-Length: 2\r\nX: a\0b", "{}"),
        ("Content-Length: 2\r\nX: a\rY: b", "{}"),
        ("Content-Length: 2\r\n X: a", "{}"),
        ("Content-Length: 2\r\nX", "{}"),
        ("Content-Length: 2\r\nX: " + new string('x', 40_000), "{}"),
        ("Content-Length: 2\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 200)) + "Y: z", "{}"),
    ];

    private static readonly string[] s_noRequests =
    [
        "GET /sdk/ListContexts HTTP/1.1\r\n\r\n",
        "GET /sdk/ListContexts HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET /sdk/ListContexts HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /sdk/ListContexts HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET /sdk/ListContexts HTTP/1.1\r\nHost: a:99999999\r\n\r\n",
        "GET /sdk/ListContexts HTTP/1.1\r\nHost: \u00e9\r\n\r\n",
        "GET /sdk/ListContexts HTTP/9.9\r\nHost: h\r\n\r\n",
        "GET /sdk/ListContexts\r\n\r\n",
        "GET  /sdk/ListContexts HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET sdk/ListContexts HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /objects/../../x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://[::1/ HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://other/port/default.s-1/30100/x/ HTTP/1.1\r\nHost: other\r\n\r\n",
        "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n",
        "G\u0001T / HTTP/1.1\r\nHost: h\r\n\r\n",
    ];

    // What may be answered by closing the connection alone.
    private static readonly string[] s_noise =
    [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\0\u0001\u0001\r\n\r\n",
        "\r\n\r\n\r\n\r\n",
    ];

    [Fact]
    public async Task What_could_be_understood_in_two_ways_is_refused_and_ends_the_connection()
    {
        await using var server = await FuzzTarget.StartAsync();

        var answers = await Task.WhenAll(s_ambiguous.Select(async shape => (
            shape.Headers, Statuses: await AskAsync(server, Encoding.Latin1.GetBytes($"POST /mcp/getSession HTTP/1.1\r\nHost: 127.0.0.1\r\n{Key}{shape.Headers}\r\n\r\n{shape.Body}")))));

        answers.Where(a => a.Statuses is not [>= 400 and < 500]).Select(a => $"{a.Headers[..Math.Min(60, a.Headers.Length)]}: {string.Join(' ', a.Statuses)}").ShouldBeEmpty();
        await FuzzTarget.RestAsync(server, sessions: 1);
    }

    [Fact]
    public async Task Of_both_kinds_of_length_the_chunks_count_and_the_connection_ends()
    {
        await using var server = await FuzzTarget.StartAsync();

        // RFC 9112, section 6.1.
        var answers = await AskAsync(server, Encoding.Latin1.GetBytes(
            $"POST /mcp/getSession HTTP/1.1\r\nHost: 127.0.0.1\r\n{Key}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{{\"sessionId\":\"s-1\"}}\r\n0\r\n\r\n" + Hidden));

        answers[0].ShouldBeOneOf(200, 400);
        answers.Count.ShouldBe(1);
        await FuzzTarget.RestAsync(server, sessions: 1);
    }

    [Fact]
    public async Task What_is_no_request_is_refused()
    {
        await using var server = await FuzzTarget.StartAsync();

        await Task.WhenAll(s_noRequests.Select(async request =>
            (await AskAsync(server, Encoding.Latin1.GetBytes(request))).ShouldHaveSingleItem(request).ShouldSatisfyAllConditions(
                s => s.ShouldBeGreaterThanOrEqualTo(400, request), s => s.ShouldBeOneOf([.. Enumerable.Range(400, 100), 505], request))));
        await Task.WhenAll(s_noise.Select(async noise => (await AskAsync(server, Encoding.Latin1.GetBytes(noise))).ShouldAllBe(s => s >= 400 && s < 500)));

        await FuzzTarget.RestAsync(server, sessions: 1);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_refused()
    {
        await using var server = await FuzzTarget.StartAsync();

        (await AskAsync(server, Encoding.Latin1.GetBytes($"GET /{new string('a', 600_000)} HTTP/1.1\r\nHost: h\r\n\r\n"))).ShouldHaveSingleItem().ShouldBe(414);
    }

    [Fact]
    public async Task Bytes_that_are_changed_anywhere_do_no_harm()
    {
        await using var server = await FuzzTarget.StartAsync();
        foreach (var batch in Enumerable.Range(0, FuzzRun.Iterations(400)).Chunk(100))
        {
            // Several answers are right where the change made one request into two.
            await Task.WhenAll(batch.Select(async i =>
                (await AskAsync(server, [.. Changed(FuzzRun.Of(i)), .. Encoding.ASCII.GetBytes(Last)])).ShouldAllBe(s => s < 500 || s == 505, $"seed {FuzzRun.Seed}, iteration {i}")));
        }
        await FuzzTarget.RestAsync(server, sessions: 1);
    }

    private static List<byte> Changed(Random random)
    {
        var bytes = Encoding.Latin1.GetBytes(Good).ToList();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, random.Of(s_special));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(40), bytes.Count - at)));
                    break;
            }
        }
        return bytes;
    }

    /// <summary>The statuses of all answers. Nothing more is sent, and the server ends the connection by itself: one that the client ended would
    /// not be answered.</summary>
    private static async Task<List<int>> AskAsync(TestServer server, byte[] request)
    {
        using var connection = await RawConnection.OpenAsync(server);
        try
        {
            await connection.SendAsync(request);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Refused before all of it was sent; the answer is there all the same.
        }
        var text = Encoding.UTF8.GetString(await connection.ReadToEndAsync());
        FuzzTarget.FaultOf(server, 0, text).ShouldBeNull();
        return [.. StatusLine().Matches(text).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex(@"HTTP/1\.[01] (\d{3})")]
    private static partial Regex StatusLine();
}
