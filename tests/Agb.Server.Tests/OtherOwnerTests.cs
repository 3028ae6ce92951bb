using System.Text;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Another owner's ids answer as ids that never were, on every endpoint.</summary>
public sealed class OtherOwnerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_endpoint_knows_no_ids_of_another_owner(bool useEngine)
    {
        await using var server = await TestServer.StartAsync(useEngine: useEngine);
        using var stranger = StrangerOf(server);
        var session = (await server.CreateSessionAsync()).SessionId!;
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=mine&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id!;
        WireRequest.EndpointsOf(server).Where(e => e.Access == AccessKind.ApiKey).Select(e => e.Pattern).Distinct().Order()
            .ShouldBe(WireRequest.All.Select(r => r.Route).Distinct().Order());

        foreach (var request in WireRequest.All)
        {
            var method = request.MethodAt(server);
            if (!request.HasIds)
            {
                var shown = await (await SendAsync(stranger, method, request)).Content.ReadAsStringAsync(Token);
                shown.ShouldNotContain(session);
                shown.ShouldNotContain(context);
            }
            // The service without an engine makes sessions of whatever it is asked for.
            else if (useEngine || request.Route != AgbRoutes.CreateSession)
            {
                var atReal = await AnswerAsync(stranger, method, request, session, context);
                atReal.ShouldBe(await AnswerAsync(stranger, method, request, Another(session), Another(context)), request.Target);
                atReal.ShouldStartWith("4", Case.Sensitive, request.Target);
            }
        }

        (await server.CallAsync(HttpMethod.Post, AgbRoutes.GetSessionInfo, $$"""{"sessionId":"{{session}}"}""")).DataAs(WireJson.Default.SessionStatusData)!.Status.ShouldBe("RUNNING");
        (await server.CallAsync(HttpMethod.Get, $"/sdk/GetContext?id={context}")).DataAs(WireJson.Default.ContextData)!.Name.ShouldBe("mine");
        await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{session}}"}""");
    }

    [Theory]
    [InlineData(AgbServerRoutes.Terminal)]
    [InlineData(AgbServerRoutes.CommandSocket)]
    public async Task No_terminal_and_no_command_begins_in_another_owners_session(string route)
    {
        await using var server = await TestServer.StartAsync();
        var secret = new ApiKeyFile(server.Data).Add("second", null, DateTimeOffset.UtcNow).Secret;
        server.Fake.AddSession("s-real");
        async Task<string> AskAsync(string session)
        {
            using var socket = await SocketClient.OwnerAsync(server, route, secret);
            await socket.SendTextAsync($$"""{"sessionId":"{{session}}","command":"true"}""");
            return (await socket.ReadTextAsync()).Replace(session, "ID");
        }

        var atReal = await AskAsync("s-real");

        atReal.ShouldContain(AgbErrorIds.SessionNotFound);
        atReal.ShouldBe(await AskAsync("s-none"));
    }

    [Fact]
    public async Task Calls_and_syncs_of_another_owner_are_not_cancelled()
    {
        await using var server = await TestServer.StartAsync();
        using var stranger = StrangerOf(server);
        server.Fake.AddSession();
        var (began, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Fake.OnWait = async token =>
        {
            began.SetResult();
            await goOn.Task.WaitAsync(token);
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, AgbServerRoutes.WaitSession)
        {
            Content = new StringContent("""{"sessionId":"s-1","timeout":"00:01:00"}"""), Headers = { { WireHeaders.RequestId, "the-call" } },
        };
        var waiting = server.Client.SendAsync(request, Token);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var sync = (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.StartSync, """{"sessionId":"s-1"}""")).DataAs(WireJson.Default.StartedSync)!.SyncId;

        (await TestServer.SendAsync(stranger, HttpMethod.Post, AgbServerRoutes.CancelCall, """{"requestId":"the-call"}""")).Status.ShouldBe(200);
        (await TestServer.SendAsync(stranger, HttpMethod.Post, AgbServerRoutes.CancelSync, $$"""{"syncId":"{{sync}}"}""")).Status.ShouldBe(200);

        server.Fake.SyncToken.IsCancellationRequested.ShouldBeFalse();
        goOn.SetResult();
        (await (await waiting).Content.ReadAsStringAsync(Token)).ShouldContain("\"result\"");
        await server.CallAsync(HttpMethod.Post, AgbServerRoutes.CancelSync, $$"""{"syncId":"{{sync}}"}""");
        server.Fake.SyncToken.IsCancellationRequested.ShouldBeTrue();
    }

    private static HttpClient StrangerOf(TestServer server) => server.ClientOf(new ApiKeyFile(server.Data).Add("stranger", null, DateTimeOffset.UtcNow).Secret);

    private static string Another(string id) => id[..^1] + (id[^1] == 'a' ? 'b' : 'a');

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, WireRequest request)
    {
        using var message = new HttpRequestMessage(method, request.Target) { Content = method == HttpMethod.Post ? new StringContent(request.Body ?? "", Encoding.UTF8, "application/json") : null };
        return await client.SendAsync(message, Token);
    }

    private static async Task<string> AnswerAsync(HttpClient client, HttpMethod method, WireRequest request, string session, string context)
    {
        using var response = await SendAsync(client, method, request.For(session, context));
        var envelope = Envelope.Read(await response.Content.ReadAsByteArrayAsync(Token));
        return $"{(int)response.StatusCode} {JsonSerializer.Serialize(envelope.AgbError, WireJson.Default.WireError)} {envelope.Message}".Replace(session, "SESSION").Replace(context, "CONTEXT");
    }
}
