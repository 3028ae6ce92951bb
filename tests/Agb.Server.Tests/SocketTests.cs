using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

public sealed class SocketTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_comes_while_the_code_runs_and_the_end_has_the_outcome()
    {
        await using var server = await TestServer.StartAsync();
        var goOn = new TaskCompletionSource();
        server.Fake.OnCode = async (request, token) =>
        {
            request.Language.ShouldBe(AgbCodeLanguage.Python);
            request.Timeout.ShouldBe(TimeSpan.FromSeconds(30));
            await request.Events!.WriteAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = "one" }, token);
            await goOn.Task;
            await request.Events.WriteAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stderr, Text = "two" }, token);
            await request.Events.WriteAsync(new AgbCodeEvent { Result = new AgbCodeOutput { IsMainResult = true, Mime = new Dictionary<string, string> { ["text/plain"] = "7" } } }, token);
            return new AgbCodeResult { SessionId = "s", ExecutionCount = 3, Duration = TimeSpan.FromMilliseconds(1500) };
        };
        using var socket = await SocketClient.CodeAsync(server);

        await socket.SendTextAsync("""{"type":"ping"}""");
        await socket.SendTextAsync("""{"invocationId":"0f","source":"SDK","target":"wuying_codespace","data":{"method":"run_code","mode":"stream","params":{"language":"python","timeoutS":30,"code":"1"}}}""");
        var first = await ReadAsync(socket);
        goOn.SetResult();
        var second = await ReadAsync(socket);
        var third = await ReadAsync(socket);
        var end = await ReadAsync(socket);

        first.InvocationId.ShouldBe("0f");
        first.Data!.ShouldSatisfyAllConditions(d => d.Phase.ShouldBe("event"), d => d.EventType.ShouldBe("stdout"), d => d.Chunk.ShouldBe("one"), d => d.Seq.ShouldBe(1));
        second.Data!.ShouldSatisfyAllConditions(d => d.EventType.ShouldBe("stderr"), d => d.Chunk.ShouldBe("two"));
        third.Data!.Result!.ShouldSatisfyAllConditions(r => r.IsMainResult.ShouldBeTrue(), r => r.Mime!["text/plain"].GetString().ShouldBe("7"));
        end.Data!.ShouldSatisfyAllConditions(
            d => d.Phase.ShouldBe("end"), d => d.Status.ShouldBe("finished"), d => d.ExecutionCount.ShouldBe(3), d => d.ExecutionTime.ShouldBe(1.5), d => d.Error.ShouldBeNull());
    }

    [Fact]
    public async Task Code_that_fails_ends_as_failed()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.OnCode = (_, _) => Task.FromResult(new AgbCodeResult { SessionId = "s", Error = "ZeroDivisionError: division by zero" });
        using var socket = await SocketClient.CodeAsync(server);

        await RunAsync(socket, "1", "1/0");
        var end = await ReadAsync(socket);

        end.Data!.ShouldSatisfyAllConditions(d => d.Status.ShouldBe("failed"), d => d.ExecutionError!.ShouldContain("division by zero"));
    }

    [Theory]
    [InlineData("""{"invocationId":"1","data":{"params":{"code":""}}}""", "empty")]
    [InlineData("""{"invocationId":"1","data":{"params":{"code":"1","language":"cobol"}}}""", "cobol")]
    [InlineData("""{"invocationId":"1","data":{"params":{"code":"1","timeoutS":-5}}}""", "-5")]
    [InlineData("""{"invocationId":"1","data":{"method":"other","params":{"code":"1"}}}""", "run_code")]
    [InlineData("""{"invocationId":"1"}""", "data.params")]
    [InlineData("""{"invocationId":"1","data":7}""", "frame")]
    [InlineData("""{"requestId":"1","data":{}}""", "data.params")]
    public async Task What_is_no_call_ends_that_call_and_not_the_socket(string frame, string named)
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.OnCode = (_, _) => Task.FromResult(new AgbCodeResult { SessionId = "s" });
        using var socket = await SocketClient.CodeAsync(server);
        foreach (var noise in new[] { "no json", "[]", "{}", """{"data":{}}""", "" })
        {
            await socket.SendTextAsync(noise);
        }

        await socket.SendTextAsync(frame);
        var refused = await ReadAsync(socket);
        await RunAsync(socket, "2", "1");
        var end = await ReadAsync(socket);

        refused.InvocationId.ShouldBe("1");
        refused.Data!.Error!.Value.GetString()!.ShouldContain(named);
        end.InvocationId.ShouldBe("2");
        end.Data!.Status.ShouldBe("finished");
    }

    [Fact]
    public async Task Code_ends_when_its_socket_closes()
    {
        await using var server = await TestServer.StartAsync();
        var began = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        server.Fake.OnCode = (_, token) =>
        {
            began.SetResult();
            return Endless.WaitAsync<AgbCodeResult>(cancelled, token);
        };
        using (var socket = await SocketClient.CodeAsync(server))
        {
            await RunAsync(socket, "1", "while True: pass");
            await began.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
            socket.Socket.Abort();
        }

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task Large_output_comes_in_frames_that_clients_take()
    {
        await using var server = await TestServer.StartAsync();
        var text = string.Concat(Enumerable.Repeat("ü😀x", 200_000));
        server.Fake.OnCode = async (request, token) =>
        {
            await request.Events!.WriteAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = text }, token);
            await request.Events.WriteAsync(new AgbCodeEvent { Result = new AgbCodeOutput { Mime = new Dictionary<string, string> { ["image/png"] = new('A', 2_000_000) } } }, token);
            return new AgbCodeResult { SessionId = "s" };
        };
        using var socket = await SocketClient.CodeAsync(server);
        await RunAsync(socket, "1", "1");
        var chunks = new StringBuilder();
        CodeFrame frame;
        while ((frame = await ReadAsync(socket)).Data!.EventType == "stdout")
        {
            chunks.Append(frame.Data.Chunk);
        }

        chunks.ToString().ShouldBe(text);
        frame.Data.Result!.Mime!["text/plain"].GetString()!.ShouldContain("image/png");
    }

    [Theory]
    [InlineData("<td>")]
    [InlineData("中")]
    public async Task A_value_whose_escaped_form_is_too_large_is_left_out_too(string piece)
    {
        await using var server = await TestServer.StartAsync();
        var html = string.Concat(Enumerable.Repeat(piece, 800 * 1024 / Encoding.UTF8.GetByteCount(piece)));
        server.Fake.OnCode = async (request, token) =>
        {
            var forms = new Dictionary<string, string> { ["text/html"] = html, ["text/plain"] = "a table" };
            await request.Events!.WriteAsync(new AgbCodeEvent { Result = new AgbCodeOutput { Mime = forms } }, token);
            return new AgbCodeResult { SessionId = "s" };
        };
        using var socket = await SocketClient.CodeAsync(server);
        await RunAsync(socket, "1", "1");

        // Reading makes sure that a frame has less than 1 MiB.
        var shown = (await ReadAsync(socket)).Data!.Result!.Mime!;

        shown.Keys.ShouldBe(["text/plain"]);
        shown["text/plain"].GetString()!.ShouldSatisfyAllConditions(t => t.ShouldStartWith("a table\n"), t => t.ShouldContain("text/html"));
    }

    [Fact]
    public async Task What_was_written_comes_before_the_error_that_ends_the_call()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.OnCode = async (request, token) =>
        {
            for (var i = 0; i < 200; i++)
            {
                await request.Events!.WriteAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = $"{i} {new string('x', 10_000)}" }, token);
            }
            throw AgbErrors.SessionNotFound("s");
        };
        using var socket = await SocketClient.CodeAsync(server);

        await RunAsync(socket, "1", "1");
        for (var i = 0; i < 200; i++)
        {
            (await ReadAsync(socket)).Data!.Chunk!.ShouldStartWith($"{i} ");
        }

        (await ReadAsync(socket)).Data!.ShouldSatisfyAllConditions(d => d.Phase.ShouldBe("error"), d => d.Error!.Value.GetString()!.ShouldStartWith("Session not found"));
    }

    [Fact]
    public async Task A_socket_needs_the_sessions_token()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(WireHeaders.AccessToken, "wrong");

        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(new Uri(session.WsUrl!), Token));
    }

    [Fact]
    public async Task A_server_that_stops_closes_idle_sockets_at_once()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await SocketClient.CodeAsync(server);

        var stopping = server.StopAsync();
        var read = await socket.Socket.ReceiveAsync(new byte[16], Token);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Token);

        read.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
    }

    [Fact]
    public async Task A_terminal_shows_what_is_typed_takes_its_size_and_tells_its_end()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.AddSession();
        using var socket = await SocketClient.TerminalAsync(server);
        await socket.SendTextAsync("""{"sessionId":"s-1","columns":100,"rows":30}""");
        (await socket.ReadTextAsync()).ShouldBe("""{"opened":true}""");

        await socket.SendAsync("a"u8.ToArray(), WebSocketMessageType.Binary);
        (await socket.ReadTextAsync()).ShouldBe("100x30:a");
        await socket.SendTextAsync("""{"columns":40,"rows":10}""");
        await socket.SendAsync("b"u8.ToArray(), WebSocketMessageType.Binary);
        (await socket.ReadTextAsync()).ShouldBe("40x10:b");
        await socket.SendAsync("x"u8.ToArray(), WebSocketMessageType.Binary);

        (await socket.ReadTextAsync()).ShouldBe("""{"exitCode":7}""");
    }

    [Theory]
    [InlineData("""{"sessionId":"none"}""", AgbErrorIds.SessionNotFound)]
    [InlineData("""{"sessionId":"s-1","columns":0}""", AgbErrorIds.InvalidSessionOption)]
    [InlineData("{}", AgbErrorIds.InvalidRequest)]
    [InlineData("no json", AgbErrorIds.InvalidRequest)]
    public async Task A_terminal_that_does_not_open_says_why(string first, string errorId)
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.AddSession();
        using var socket = await SocketClient.TerminalAsync(server);

        await socket.SendTextAsync(first);

        WireReader.Read(await socket.ReadTextAsync(), WireJson.Default.TerminalMessage, "frame").Error!.Id.ShouldBe(errorId);
    }

    [Fact]
    public async Task A_terminal_whose_client_left_before_it_was_open_is_closed()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.AddSession();
        var opening = new TaskCompletionSource();
        var made = new TaskCompletionSource<EchoTerminal>();
        server.Fake.OnTerminal = async (size, token) =>
        {
            var left = new TaskCompletionSource();
            await using var registration = token.Register(left.SetResult);
            opening.SetResult();
            await left.Task;
            var terminal = new EchoTerminal(size);
            made.SetResult(terminal);
            return terminal;
        };
        using (var socket = await SocketClient.TerminalAsync(server))
        {
            await socket.SendTextAsync("""{"sessionId":"s-1"}""");
            await opening.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
            socket.Socket.Abort();
        }

        var terminal = await made.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await terminal.Closed.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    private static Task RunAsync(SocketClient socket, string id, string code) => socket.SendTextAsync(
        JsonSerializer.Serialize(
            new CodeFrame { InvocationId = id, Data = new CodeFrameData { Method = "run_code", Params = new CodeFrameParameters { Code = code } } }, WireJson.Default.CodeFrame));

    private static async Task<CodeFrame> ReadAsync(SocketClient socket) => WireReader.Read(await socket.ReadTextAsync(), WireJson.Default.CodeFrame, "frame");
}
