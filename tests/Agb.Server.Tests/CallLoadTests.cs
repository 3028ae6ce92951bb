using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>What happens when as many calls run as may: a few wait, more are refused and told when to come again, what runs goes on.</summary>
public sealed class CallLoadTests
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _runs = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_call_waits_for_its_turn_the_next_is_refused_and_none_is_lost()
    {
        await using var server = await StartAsync(new LoadLimits { MaxCallsPerOwner = 1, MaxWait = Timeout.InfiniteTimeSpan });
        var first = RunAsync(server.Client);
        await _runs.Task;

        // One of the two can't end before the gate is open.
        List<Task<(int Status, Envelope? Envelope, HttpResponseMessage Response)>> two = [RunAsync(server.Client), RunAsync(server.Client)];
        var ended = await Task.WhenAny(two);
        var refused = await ended;
        two.Remove(ended);
        _gate.SetResult();

        refused.Status.ShouldBe(429);
        refused.Envelope!.Code.ShouldBe(AgbErrorIds.TooManyRequests);
        refused.Envelope.Message.ShouldContain("This owner has 1 calls running");
        refused.Response.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await first).Status.ShouldBe(200);
        (await two[0]).Status.ShouldBe(200);
        (await RunAsync(server.Client)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_call_that_has_waited_long_enough_is_refused()
    {
        await using var server = await StartAsync(new LoadLimits { MaxCallsPerOwner = 1, MaxWait = TimeSpan.FromMilliseconds(1) });
        var first = RunAsync(server.Client);
        await _runs.Task;

        (await RunAsync(server.Client)).Status.ShouldBe(429);
        _gate.SetResult();

        (await first).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_client_that_leaves_the_queue_makes_room_in_it()
    {
        await using var server = await StartAsync(new LoadLimits { MaxCallsPerOwner = 1, MaxWait = Timeout.InfiniteTimeSpan });
        var first = RunAsync(server.Client);
        await _runs.Task;
        List<(CancellationTokenSource Leave, Task<(int Status, Envelope?, HttpResponseMessage)> Call)> two = [];
        for (var i = 0; i < 2; i++)
        {
            var leave = new CancellationTokenSource();
            two.Add((leave, RunUntilAsync(server.Client, leave.Token)));
        }
        var refused = await Task.WhenAny(two.Select(t => t.Call));
        var waiting = two.Single(t => t.Call != refused);

        await waiting.Leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting.Call);
        // The server hears of it by and by; until then there is no room.
        Task<(int Status, Envelope?, HttpResponseMessage)> next;
        do
        {
            next = RunAsync(server.Client);
            await Task.WhenAny(next, Task.Delay(50, Token));
        }
        while (next.IsCompleted);
        _gate.SetResult();

        (await next).Status.ShouldBe(200);
        (await first).Status.ShouldBe(200);
        two.ForEach(t => t.Leave.Dispose());
    }

    [Fact]
    public async Task The_limit_of_the_server_holds_for_all_owners_and_that_of_an_owner_for_no_other()
    {
        await using var server = await StartAsync(new LoadLimits { MaxCalls = 2, MaxCallsPerOwner = 1, MaxWait = TimeSpan.FromMilliseconds(1) });
        var clients = Enumerable.Range(0, 3).Select(i => server.ClientOf(new ApiKeyFile(server.Data).Add($"o{i}", null, DateTimeOffset.UtcNow).Secret)).ToList();
        foreach (var client in clients)
        {
            // Opens the owner.
            await TestServer.SendAsync(client, HttpMethod.Get, "/sdk/ListContexts");
        }
        var running = new CountdownEvent(2);
        foreach (var fake in server.Fakes.Values)
        {
            fake.AddSession();
            fake.OnCode = async (_, _) =>
            {
                running.Signal();
                await _gate.Task;
                return new AgbCodeResult { SessionId = "s-1" };
            };
        }
        var first = new[] { RunAsync(clients[0]), RunAsync(clients[1]) };
        await Task.Run(() => running.Wait(Token), Token);

        var own = await RunAsync(clients[0]);
        var all = await RunAsync(clients[2]);
        _gate.SetResult();

        own.Envelope!.Message.ShouldStartWith("This owner has 1 calls running");
        all.Envelope!.Message.ShouldStartWith("The server has 2 calls running");
        (await Task.WhenAll(first)).ShouldAllBe(c => c.Status == 200);
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task At_the_limit_everything_still_answers_that_ends_work_or_looks_at_it()
    {
        await using var server = await StartAsync(new LoadLimits { MaxCallsPerOwner = 1, MaxWait = TimeSpan.FromMilliseconds(1) });
        server.Fake.AddSession("s-2");
        var first = RunAsync(server.Client);
        await _runs.Task;

        (await server.Client.GetStringAsync("/healthz", Token)).ShouldBe("ok");
        await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels={}");
        await server.CallAsync(HttpMethod.Post, "/mcp/getSessionInfo", """{"sessionId":"s-1"}""");
        await server.CallAsync(HttpMethod.Get, "/sdk/GetContextInfo?sessionId=s-1");
        await server.CallAsync(HttpMethod.Post, "/sdk/SyncContext?sessionId=s-1", "{}");
        await server.CallAsync(HttpMethod.Post, AgbServerRoutes.CancelCall, """{"requestId":"none"}""");
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSession", """{"sessionId":"s-2"}""");
        _gate.SetResult();

        (await first).Status.ShouldBe(200);
    }

    [Fact]
    public async Task What_is_work_is_refused_by_whichever_way_it_comes()
    {
        await using var server = await StartAsync(new LoadLimits { MaxCallsPerOwner = 1, MaxWait = TimeSpan.FromMilliseconds(1) });
        var (session, context) = (await server.CreateSessionAsync(), (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id);
        var file = (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFileUploadUrl?contextId={context}&filePath=/home/f")).DataAs(WireJson.Default.FileUrlData)!.Url!;
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(WireHeaders.AccessToken, session.Token);
        await socket.ConnectAsync(new Uri(session.WsUrl!), Token);
        var first = RunAsync(server.Client);
        await _runs.Task;

        await RefusesAsync(server, "/mcp/createSession?imageId=agb-code-space-1", "{}");
        await RefusesAsync(server, "/mcp?autoGenSession=false", $$$"""{"sessionId":"s-1","name":"echo","args":"{}"}""");
        await RefusesAsync(server, AgbServerRoutes.RunCommand, """{"sessionId":"s-1","command":"date"}""");
        await RefusesAsync(server, AgbServerRoutes.OpenContextFile, $$"""{"contextId":"{{context}}","path":"/home/f"}""");
        await RefusesAsync(server, $"{AgbServerRoutes.ChangeContextFiles}?contextId={context}", "");
        await RefusesAsync(server, new Uri(session.LinkUrl!).AbsolutePath + "/callTool", """{"tool":"echo","args":{}}""", session.Token);
        using (var put = await server.Client.PutAsync(file, new ByteArrayContent([1]), Token))
        {
            put.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        }
        using var terminal = new ClientWebSocket();
        terminal.Options.SetRequestHeader("authorization", "Bearer " + TestServer.Key);
        terminal.Options.CollectHttpResponseDetails = true;
        await Should.ThrowAsync<WebSocketException>(terminal.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Url.Port}{AgbServerRoutes.Terminal}"), Token));
        terminal.HttpStatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await socket.SendAsync(Encoding.UTF8.GetBytes("""{"invocationId":"1","data":{"params":{"code":"1"}}}"""), WebSocketMessageType.Text, true, Token);
        var buffer = new byte[4096];
        var frame = Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, Token)).Count);
        _gate.SetResult();

        frame.ShouldContain("Try again after");
        (await first).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Connections_beyond_what_the_open_files_allow_are_closed_and_the_others_go_on()
    {
        var budget = new HandleBudget(HandleBudget.Least);
        await using var server = await StartAsync(new LoadLimits { Handles = budget });
        // Its connection stays open.
        await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels={}");
        var idle = new List<TcpClient>();
        for (var i = 0; i < budget.Connections; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(server.Url.Host, server.Url.Port, Token);
            idle.Add(client);
        }

        // One of them is too many.
        var closed = await await Task.WhenAny(idle.Select(async c => await c.GetStream().ReadAsync(new byte[1], Token)));

        closed.ShouldBe(0);
        await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels={}");
        idle.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task WebSockets_beyond_what_the_open_files_allow_are_refused()
    {
        var budget = new HandleBudget(HandleBudget.Least);
        await using var server = await StartAsync(new LoadLimits { Handles = budget });
        var session = await server.CreateSessionAsync();
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i <= budget.Sockets; i++)
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader(WireHeaders.AccessToken, session.Token);
            socket.Options.CollectHttpResponseDetails = true;
            sockets.Add(socket);
        }
        foreach (var socket in sockets[..^1])
        {
            await socket.ConnectAsync(new Uri(session.WsUrl!), Token);
        }

        await Should.ThrowAsync<WebSocketException>(sockets[^1].ConnectAsync(new Uri(session.WsUrl!), Token));

        sockets[^1].HttpStatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        sockets.ForEach(s => s.Dispose());
    }

    [Theory]
    [InlineData("1024", 22, 88)]
    [InlineData("65536", 2038, 8152)]
    [InlineData("unlimited", 67108853, 268435415)]
    public void Open_files_are_shared_out(string soft, int calls, int connections)
    {
        var budget = new HandleBudget(HandleBudget.Parse($"Limit                     Soft Limit           Hard Limit           Units\nMax open files            {soft}                 1048576              files\n"));

        (budget.Calls, budget.Connections).ShouldBe((calls, connections));
        new LoadLimits { MaxCalls = 0, Handles = budget }.PossibleCalls.ShouldBe(calls);
        new LoadLimits { MaxCalls = 7, Handles = budget }.PossibleCalls.ShouldBe(7);
    }

    [Fact]
    public async Task A_server_with_too_few_open_files_does_not_start()
    {
        var error = await Should.ThrowAsync<AgbException>(StartAsync(new LoadLimits { Handles = new HandleBudget(256) }));

        error.ErrorId.ShouldBe(AgbErrorIds.HostNotReady);
        error.Message.ShouldContain("256");
    }

    [Fact]
    public async Task A_live_view_takes_a_place_while_it_opens()
    {
        await using var server = await StartAsync(new LoadLimits { MaxCallsPerOwner = 1, MaxWait = TimeSpan.FromMilliseconds(1) });
        server.Fake.Images = [server.Fake.Images[0] with { HasDesktop = true }];
        server.Fake.OnView = _ => Task.FromResult<IAgbDesktopView>(new SilentView());
        var link = (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetDesktopView, """{"sessionId":"s-1"}""")).DataAs(WireJson.Default.UrlData)!.Url!;
        var address = new Uri(link.Replace("http:", "ws:") + "socket");
        using var open = new ClientWebSocket();
        await open.ConnectAsync(address, Token);
        (await open.ReceiveAsync(new byte[1], Token)).MessageType.ShouldBe(WebSocketMessageType.Binary);
        // The open view has no place.
        var first = RunAsync(server.Client);
        await _runs.Task;

        using var refused = new ClientWebSocket();
        await refused.ConnectAsync(address, Token);
        var closed = await refused.ReceiveAsync(new byte[100], Token);
        _gate.SetResult();

        closed.MessageType.ShouldBe(WebSocketMessageType.Close);
        refused.CloseStatusDescription.ShouldNotBeNull().ShouldStartWith("This owner has 1 calls running");
        (await first).Status.ShouldBe(200);
    }

    private static async Task RefusesAsync(TestServer server, string path, string body, string? token = null)
    {
        var (status, envelope, response) = await TestServer.SendAsync(server.Client, HttpMethod.Post, path, body, token);
        // A session's own route tells errors as results.
        status.ShouldBe(token is null ? 429 : 200, path);
        envelope.HttpStatusCode.ShouldBe(429, path);
        envelope.Code.ShouldBe(AgbErrorIds.TooManyRequests);
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    /// <summary>A server whose owner has the session s-1, where code runs until the gate is open.</summary>
    private async Task<TestServer> StartAsync(LoadLimits limits)
    {
        var server = await TestServer.StartAsync(o => o with { Load = limits });
        server.Fake.AddSession();
        server.Fake.OnCode = async (_, _) =>
        {
            _runs.TrySetResult();
            await _gate.Task;
            return new AgbCodeResult { SessionId = "s-1" };
        };
        return server;
    }

    private static Task<(int Status, Envelope? Envelope, HttpResponseMessage Response)> RunAsync(HttpClient client) => RunUntilAsync(client, Token);

    private static async Task<(int Status, Envelope? Envelope, HttpResponseMessage Response)> RunUntilAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.Serialize(new RunCodeBody { SessionId = "s-1", Code = "1" }, WireJson.Default.RunCodeBody);
        var response = await client.PostAsync(AgbServerRoutes.RunCode, new StringContent(body, Encoding.UTF8, "application/json"), cancellationToken);
        // An answer that says yes is a stream.
        var content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return ((int)response.StatusCode, response.IsSuccessStatusCode ? null : Envelope.Read(content), response);
    }

    /// <summary>A view with one byte.</summary>
    private sealed class SilentView : IAgbDesktopView
    {
        private int _reads;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_reads++ > 0)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            return 1;
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
