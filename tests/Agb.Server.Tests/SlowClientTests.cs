using System.Globalization;
using System.Text;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Clients that are slow, silent or gone are given up; those that wait for work are not. The limits are short here, and what is waited
/// for is bounded generously.</summary>
public sealed class SlowClientTests
{
    private const string Head = "Host: 127.0.0.1\r\nAuthorization: Bearer " + TestServer.Key + "\r\n";

    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(1);

    // Kestrel takes no shorter grace than its own beat.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_asks_for_nothing_is_closed()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { IdleConnection = s_short });
        using var silent = await RawConnection.OpenAsync(server);
        using var done = await RawConnection.OpenAsync(server);
        await done.SendAsync("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

        (await silent.ReadToEndAsync()).ShouldBeEmpty();
        Encoding.ASCII.GetString(await done.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 200");
    }

    [Fact]
    public async Task A_head_that_comes_in_drops_is_refused()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { RequestHead = s_short });
        using var connection = await RawConnection.OpenAsync(server);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var dripping = DripAsync(connection, "GET /healthz HTTP/1.1\r\nX: ", over.Token);

        Encoding.ASCII.GetString(await connection.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 408");
        await over.CancelAsync();
        await dripping;
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_or_not_at_all_is_refused()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { RateGrace = s_grace, QuietBody = TimeSpan.FromSeconds(3) });
        await Task.WhenAll(new[]
        {
            "Content-Length: 100000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
            // An average that is high enough, and then nothing more.
            "Content-Length: 2000000\r\n\r\n" + new string(' ', 1_000_000),
        }.Select(async request =>
        {
            using var connection = await RawConnection.OpenAsync(server);
            await connection.SendAsync("POST /mcp/getSession HTTP/1.1\r\n" + Head + request);
            Encoding.ASCII.GetString(await connection.ReadToEndAsync()).ShouldSatisfyAllConditions(a => a.ShouldStartWith("HTTP/1.1 408"), a => a.ShouldContain("arrived too slowly"));
        }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upload_that_stops_is_given_up_and_changes_nothing(bool useEngine)
    {
        await using var server = await TestServer.StartAsync(o => o with { Timeouts = new SlowClientTimeouts { QuietBody = s_short, StalledStream = s_short } }, useEngine);
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id;
        var url = (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFileUploadUrl?contextId={context}&filePath=/a")).DataAs(WireJson.Default.FileUrlData)!.Url!;
        using var put = await RawConnection.OpenAsync(server);
        using var change = await RawConnection.OpenAsync(server);

        await put.SendAsync($"PUT {new Uri(url).PathAndQuery} HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
        await change.SendAsync($"POST /agb/changeContextFiles?contextId={context} HTTP/1.1\r\n{Head}Content-Length: 100\r\n\r\n\0\0");

        (await put.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 408");
        (await change.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 408");
        (await server.CallAsync(HttpMethod.Post, $"/sdk/DescribeContextFiles?contextId={context}")).Count.ShouldBe(0);
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_nobody_takes_is_not_sent_for_ever()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { BytesPerSecond = 10_000_000, RateGrace = s_grace });
        var context = (await server.Fake.CreateContextAsync("c", cancellationToken: Token)).Id;
        AgbContextFileChange[] file = [new AgbContextFileChange.Put("/a", _ => Task.FromResult<Stream>(new MemoryStream(new byte[64 << 20])))];
        await server.Fake.ChangeContextFilesAsync(new ContextId(context), file.ToAsyncEnumerable(), Token);
        var url = (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFileDownloadUrl?contextId={context}&filePath=/a")).DataAs(WireJson.Default.FileUrlData)!.Url!;
        using var connection = await RawConnection.OpenAsync(server, receiveBuffer: 4096);

        await connection.SendAsync($"GET {new Uri(url).PathAndQuery} HTTP/1.1\r\nHost: h\r\n\r\n");
        await LoggedAsync(server, "GET /objects");

        (await connection.ReadToEndAsync()).Length.ShouldBeLessThan(64 << 20);
    }

    [Fact]
    public async Task A_stream_that_nobody_takes_ends_what_it_is_of()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { StalledStream = s_short });
        server.Fake.AddSession();
        var ended = new TaskCompletionSource();
        var line = new AgbCommandOutput { SessionId = "s-1", Stream = AgbOutputStream.Stdout, Text = new string('x', 10_000) };
        server.Fake.OnCommand = (request, token) =>
            Endless.RepeatAsync<AgbCommandResult>(() => request.Lines!.WriteAsync(line, token).AsTask(), ended, token);
        using var connection = await RawConnection.OpenAsync(server, receiveBuffer: 4096);
        const string body = """{"sessionId":"s-1","command":"true","lines":true}""";

        await connection.SendAsync($"POST /agb/runCommand HTTP/1.1\r\n{Head}Content-Length: {body.Length}\r\n\r\n{body}");

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        await LoggedAsync(server, "POST /agb/runCommand");
    }

    [Fact]
    public async Task A_client_that_waits_for_work_is_not_given_up()
    {
        await using var server = await TestServer.StartAsync(o => o with
        {
            HeartbeatEvery = TimeSpan.FromMilliseconds(100),
            Timeouts = new SlowClientTimeouts
            {
                IdleConnection = s_short, RequestHead = s_short, QuietBody = s_short, RateGrace = s_grace, StalledStream = s_short, BytesPerSecond = 1_000_000,
                SocketPing = TimeSpan.FromMilliseconds(200), SocketPong = s_short, FirstFrame = s_short,
            },
        });
        server.Fake.AddSession();
        var goOn = new TaskCompletionSource();
        server.Fake.OnWait = _ => goOn.Task;
        server.Fake.OnCode = async (_, _) =>
        {
            await goOn.Task;
            return new AgbCodeResult { SessionId = "s-1" };
        };
        using var code = await SocketClient.CodeAsync(server);
        await code.SendTextAsync("""{"invocationId":"1","data":{"params":{"code":"1"}}}""");
        var ran = code.ReadTextAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, AgbServerRoutes.WaitSession) { Content = new StringContent("""{"sessionId":"s-1","timeout":"00:01:00"}""") };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        // Longer than any of the limits.
        for (var beat = 0; beat < 40; beat++)
        {
            (await reader.ReadLineAsync(Token)).ShouldBe("{}");
        }
        goOn.SetResult();

        (await reader.ReadToEndAsync(Token)).ShouldContain("\"result\"");
        (await ran).ShouldContain("finished");
    }

    [Fact]
    public async Task Terminals_and_code_end_when_their_client_answers_no_ping()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { SocketPing = TimeSpan.FromMilliseconds(200), SocketPong = s_short });
        var session = await server.CreateSessionAsync();
        server.Fake.AddSession();
        var terminals = new List<EchoTerminal>();
        server.Fake.OnTerminal = (size, _) =>
        {
            terminals.Add(new EchoTerminal(size));
            return Task.FromResult<IAgbTerminal>(terminals[^1]);
        };
        var codeEnded = new TaskCompletionSource();
        server.Fake.OnCode = (_, token) => Endless.WaitAsync<AgbCodeResult>(codeEnded, token);
        using var terminal = await RawConnection.UpgradeAsync(server, AgbServerRoutes.Terminal, "Authorization: Bearer " + TestServer.Key);
        await terminal.SendFrameAsync(0x81, """{"sessionId":"s-1"}"""u8.ToArray());
        using var code = await RawConnection.UpgradeAsync(server, new Uri(session.WsUrl!).AbsolutePath, $"{WireHeaders.AccessToken}: {session.Token}");
        await code.SendFrameAsync(0x81, """{"invocationId":"1","data":{"params":{"code":"1"}}}"""u8.ToArray());

        await terminal.ReadToEndAsync();
        await code.ReadToEndAsync();

        await terminals.ShouldHaveSingleItem().Closed.WaitAsync(TimeSpan.FromSeconds(60), Token);
        await codeEnded.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
    }

    [Fact]
    public async Task A_terminal_goes_on_as_long_as_its_client_answers_pings()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { SocketPing = TimeSpan.FromMilliseconds(200), SocketPong = s_short });
        server.Fake.AddSession();
        using var terminal = await RawConnection.UpgradeAsync(server, AgbServerRoutes.Terminal, "Authorization: Bearer " + TestServer.Key);
        await terminal.SendFrameAsync(0x81, """{"sessionId":"s-1"}"""u8.ToArray());
        (await terminal.ReadFrameAsync())!.Value.Opcode.ShouldBe(1);
        for (var ping = 0; ping < 10; ping++)
        {
            var frame = (await terminal.ReadFrameAsync())!.Value;
            frame.Opcode.ShouldBe(9);
            await terminal.SendFrameAsync(0x8A, frame.Payload);
        }

        await terminal.SendFrameAsync(0x82, "a"u8.ToArray());
        (int Opcode, byte[] Payload) shown;
        do
        {
            shown = (await terminal.ReadFrameAsync())!.Value;
        }
        while (shown.Opcode == 9);

        Encoding.ASCII.GetString(shown.Payload).ShouldEndWith(":a");
    }

    [Fact]
    public async Task A_terminal_that_is_not_told_of_a_session_is_closed()
    {
        await using var server = await StartAsync(new SlowClientTimeouts { FirstFrame = s_short });
        using var terminal = await RawConnection.UpgradeAsync(server, AgbServerRoutes.Terminal, "Authorization: Bearer " + TestServer.Key);

        await terminal.ReadToEndAsync();

        await LoggedAsync(server, "GET /agb/terminal");
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Connections_and_sockets_beyond_the_limit_are_refused()
    {
        await using var server = await TestServer.StartAsync(o => o with { MaxConnections = 2 });
        server.Fake.AddSession();
        using var terminal = await RawConnection.UpgradeAsync(server, AgbServerRoutes.Terminal, "Authorization: Bearer " + TestServer.Key);
        using var second = await RawConnection.UpgradeAsync(server, AgbServerRoutes.Terminal, "Authorization: Bearer " + TestServer.Key);
        using (var third = await RawConnection.OpenAsync(server))
        {
            await third.SendAsync(RawConnection.UpgradeRequest(AgbServerRoutes.Terminal, "Authorization: Bearer " + TestServer.Key));
            (await third.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 429");

            using var fourth = await RawConnection.OpenAsync(server);
            await fourth.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
            (await fourth.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 200");
            using var fifth = await RawConnection.OpenAsync(server);
            await fifth.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
            (await fifth.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 503");
        }
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_kernel_asks_after_clients_that_are_quiet()
    {
        await using var server = await TestServer.StartAsync();
        using var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
        await connection.ReadHeadAsync();
        var pair = string.Create(CultureInfo.InvariantCulture, $":{server.Url.Port:X4} ") + string.Create(CultureInfo.InvariantCulture, $"0100007F:{connection.Port:X4}");

        // The field tr of proc_net_tcp: 2 is the timer of SO_KEEPALIVE. For an instant that of a packet on its way may go.
        string timer;
        do
        {
            var line = (await File.ReadAllLinesAsync("/proc/net/tcp", Token)).Single(l => l.Contains(pair, StringComparison.Ordinal));
            timer = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[5].Split(':')[0];
        }
        while (timer is "01" or "04");
        timer.ShouldBe("02");
    }

    private static async Task DripAsync(RawConnection connection, string beginning, CancellationToken over)
    {
        await connection.SendAsync(beginning);
        try
        {
            while (!over.IsCancellationRequested)
            {
                await connection.SendAsync("x");
                await Task.Delay(50, over);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or System.Net.Sockets.SocketException)
        {
            // The server has ended it.
        }
    }

    // The line of a request comes when it has ended.
    private static async Task LoggedAsync(TestServer server, string request)
    {
        while (!server.Log.Any(l => l.Contains(request, StringComparison.Ordinal)))
        {
            await Task.Delay(20, Token);
        }
    }

    private static Task<TestServer> StartAsync(SlowClientTimeouts timeouts) => TestServer.StartAsync(o => o with { Timeouts = timeouts });
}
