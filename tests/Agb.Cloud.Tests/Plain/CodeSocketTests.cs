using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Agb.Cloud.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Code whose output comes by the WebSocket while it runs.</summary>
public sealed class CodeSocketTests
{
    private const string Key = "ako-secret";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_comes_while_the_code_runs()
    {
        var seen = new TaskCompletionSource();
        await using var server = await StartAsync(async (socket, call) =>
        {
            await SendAsync(socket, call, """{"phase":"event","eventType":"stdout","chunk":"one "}""");
            // The rest comes only after the client has taken this.
            await seen.Task;
            await SendAsync(socket, call, """{"phase":"event","eventType":"stderr","chunk":"warn"}""");
            await SendAsync(socket, call, """{"phase":"event","eventType":"result","result":{"isMainResult":true,"mime":{"text/plain":"4"}}}""");
            await SendAsync(socket, call, """{"phase":"end","status":"finished","executionCount":3,"executionTime":0.25}""");
        });
        var events = Channel.CreateUnbounded<AgbCodeEvent>();
        var running = RunAsync(server, events);
        var first = await events.Reader.ReadAsync(Token);
        (first.Stream, first.Text, running.IsCompleted).ShouldBe((AgbOutputStream.Stdout, "one ", false));
        seen.SetResult();
        var result = await running;
        (result.Stdout, result.Stderr, result.Results.Single().Text, result.ExecutionCount, result.Duration, result.Success)
            .ShouldBe(("one ", "warn", "4", 3, TimeSpan.FromSeconds(0.25), true));
        events.Writer.Complete();
        (await events.Reader.ReadAllAsync(Token).ToListAsync(Token)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_is_sent_as_the_protocol_says()
    {
        var calls = new TaskCompletionSource<JsonElement>();
        await using var server = await StartAsync(async (socket, call) =>
        {
            calls.SetResult(call);
            await SendAsync(socket, call, """{"phase":"end","status":"finished"}""");
        });
        await RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>());
        var sent = await calls.Task;
        sent.GetProperty("invocationId").GetString()!.ShouldMatch("^[0-9a-f]{32}$");
        (sent.GetProperty("source").GetString(), sent.GetProperty("target").GetString()).ShouldBe(("SDK", "srv"));
        sent.GetProperty("data").GetRawText().ShouldBe("""{"method":"run_code","mode":"stream","params":{"language":"python","timeoutS":60,"code":"x"}}""");
    }

    [Theory]
    [InlineData("""{"phase":"end","status":"failed","executionError":"division by zero"}""", "division by zero")]
    [InlineData("""{"phase":"end","status":"failed"}""", "no reason")]
    public async Task Code_that_failed_is_a_result_with_an_error(string end, string error)
    {
        await using var server = await StartAsync((socket, call) => SendAsync(socket, call, end));
        var result = await RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>());
        result.Success.ShouldBeFalse();
        result.Error.ShouldNotBeNull().ShouldContain(error);
    }

    [Fact]
    public async Task A_character_that_two_frames_share_is_whole()
    {
        await using var server = await StartAsync(async (socket, call) =>
        {
            await SendAsync(socket, call, """{"phase":"event","eventType":"stdout","chunk":"a\ud83d"}""");
            await SendAsync(socket, call, """{"phase":"event","eventType":"stdout","chunk":"\ude00b"}""");
            await SendAsync(socket, call, """{"phase":"end","status":"finished"}""");
        });

        (await RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>())).Stdout.ShouldBe("a😀b");
    }

    [Fact]
    public async Task An_error_event_fails_the_code_and_does_not_end_it()
    {
        await using var server = await StartAsync(async (socket, call) =>
        {
            await SendAsync(socket, call, """{"phase":"event","eventType":"error","error":{"code":"E1","message":"bad"}}""");
            await SendAsync(socket, call, """{"phase":"event","eventType":"stdout","chunk":"after"}""");
            await SendAsync(socket, call, """{"phase":"end","status":"finished"}""");
        });
        var result = await RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>());
        (result.Error, result.Stdout).ShouldBe(("E1: bad", "after"));
    }

    [Theory]
    [InlineData("""{"error":"bad request"}""", "bad request")]
    [InlineData("""{"phase":"error","error":{"message":"no kernel"}}""", "no kernel")]
    [InlineData("""{"phase":"odd"}""", "odd")]
    [InlineData("""7""", "no data")]
    public async Task What_can_not_go_on_is_an_error_of_the_service(string data, string reason)
    {
        await using var server = await StartAsync((socket, call) => SendAsync(socket, call, data));
        var error = await Should.ThrowAsync<AgbServiceException>(() => RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>()));
        error.ErrorId.ShouldBe(AgbErrorIds.ServiceRefused);
        error.Message.ShouldContain(reason);
        error.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Frames_that_are_not_for_this_call_are_passed_over()
    {
        await using var server = await StartAsync(async (socket, call) =>
        {
            await SendTextAsync(socket, "no json");
            await SendTextAsync(socket, """{"type":"pong"}""");
            await SendTextAsync(socket, """{"invocationId":"other","data":{"phase":"event","eventType":"stdout","chunk":"not mine"}}""");
            await SendAsync(socket, call, """{"phase":"event","eventType":"novel","chunk":"?"}""");
            await SendAsync(socket, call, """{"phase":"event","eventType":"stdout","chunk":7}""");
            await SendAsync(socket, call, Encoding(""" {"phase":"event","eventType":"stdout","chunk":"mine"} """));
            await SendAsync(socket, call, """{"phase":"end","status":"finished"}""");
        });
        (await RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>())).Stdout.ShouldBe("mine");

        static string Encoding(string json) => JsonSerializer.Serialize(json.Trim());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_socket_that_is_lost_is_ConnectionFailed(bool saysGoodbye)
    {
        await using var server = await StartAsync(async (socket, call) =>
        {
            await SendAsync(socket, call, """{"phase":"event","eventType":"stdout","chunk":"one"}""");
            if (saysGoodbye)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);
            }
            else
            {
                socket.Abort();
            }
        });
        var error = await Should.ThrowAsync<AgbConnectionException>(() => RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>()));
        error.ErrorId.ShouldBe(AgbErrorIds.ConnectionFailed);
        error.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_refused_handshake_is_told_with_its_status()
    {
        await using var server = await LocalServer.StartAsync(context => AnswerAsync(context, c =>
        {
            c.Response.StatusCode = 403;
            return Task.CompletedTask;
        }));
        var error = await Should.ThrowAsync<AgbServiceException>(() => RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>()));
        (error.ErrorId, error.HttpStatus).ShouldBe((AgbErrorIds.AuthenticationFailed, 403));
    }

    [Fact]
    public async Task Cancelling_closes_the_socket()
    {
        using var cancel = new CancellationTokenSource();
        var closed = new TaskCompletionSource();
        await using var server = await StartAsync(async (socket, _) =>
        {
            await cancel.CancelAsync();
            try
            {
                await socket.ReceiveAsync(new byte[10].AsMemory(), Token);
            }
            catch (WebSocketException)
            {
                // A broken connection is an end too.
            }
            closed.SetResult();
        });
        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(server, Channel.CreateUnbounded<AgbCodeEvent>(), cancel.Token));
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
    }

    private static async Task<AgbCodeResult> RunAsync(LocalServer server, Channel<AgbCodeEvent> events, CancellationToken? token = null)
    {
        using var service = new AgbCloudService(new AgbCloudOptions { Endpoint = server.Url.AbsoluteUri, ApiKey = Key });
        return await service.RunCodeAsync(new SessionId("s-1"), new AgbCodeRequest { Code = "x", Events = events.Writer }, token ?? Token);
    }

    private static Task<LocalServer> StartAsync(Func<WebSocket, JsonElement, Task> talk) => LocalServer.StartAsync(context => AnswerAsync(context, async c =>
    {
        c.Request.Headers["X-Access-Token"].ToString().ShouldBe("tok");
        c.Request.Headers.Authorization.Count.ShouldBe(0);
        c.Request.Query["q"].ToString().ShouldBe("1");
        using var socket = await c.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Token);
        await talk(socket, JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement);
    }));

    private static Task AnswerAsync(HttpContext context, Func<HttpContext, Task> socket)
    {
        if (context.Request.Path == "/ws")
        {
            return socket(context);
        }
        context.Response.StatusCode = context.Request.Path == "/mcp/getSession" ? 200 : 404;
        return context.Response.WriteAsync(FakeAgb.Envelope(
            $$"""{"sessionId":"s-1","wsUrl":"ws://{{context.Request.Host}}/ws?q=1","linkUrl":"http://{{context.Request.Host}}/l","token":"tok","toolList":[{"name":"run_code","server":"srv"}]}"""));
    }

    private static Task SendAsync(WebSocket socket, JsonElement call, string data) =>
        SendTextAsync(socket, $$"""{"invocationId":"{{call.GetProperty("invocationId").GetString()}}","source":"WEBSOCKET_SERVER","data":{{data}}}""");

    private static Task SendTextAsync(WebSocket socket, string text) =>
        socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Token);
}
