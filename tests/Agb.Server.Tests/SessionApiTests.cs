using Microsoft.Extensions.DependencyInjection;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

public sealed class SessionApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_whose_image_is_gone_has_the_standard_tools_and_one_answer_lists_the_images_once()
    {
        await using var server = await TestServer.StartAsync(
            o => o with { ConfigureServices = s => s.AddSingleton(new ToolCatalog(new EchoTool(), new StopBrowserTool())) });
        server.Fake.Images = [server.Fake.Images[0] with { HasBrowser = true }];
        var created = await server.CreateSessionAsync();
        server.Fake.ImageLists.ShouldBe(1);
        server.Fake.Images = [];

        var session = (await server.CallAsync(HttpMethod.Post, AgbRoutes.GetSession, $$"""{"sessionId":"{{created.SessionId}}"}""")).DataAs(WireJson.Default.SessionData)!;

        ToolListJson.ReadServers(created.ToolList).Keys.ShouldBe(["echo", "stopChrome"], ignoreOrder: true);
        ToolListJson.ReadServers(session.ToolList).Keys.ShouldBe(["echo"]);
    }

    [Fact]
    public async Task Creating_a_session_gives_all_that_clients_need()
    {
        await using var server = await TestServer.StartAsync();

        var session = await server.CreateSessionAsync("""{"labels":"{\"a\":\"b\"}","timeout":60}""");

        session.SessionId.ShouldNotBeNullOrEmpty();
        session.AppInstanceId.ShouldNotBeNullOrEmpty();
        session.ResourceId.ShouldNotBeNullOrEmpty();
        session.ResourceUrl!.ShouldContain("resourceId=");
        session.LinkUrl!.ShouldStartWith(server.Url.AbsoluteUri);
        session.WsUrl!.ShouldStartWith("ws://127.0.0.1:");
        session.Token!.Length.ShouldBeGreaterThan(40);
        ToolListJson.ReadServers(session.ToolList)["echo"].ShouldBe("wuying_codespace");
        session.Session!.Labels!["a"].ShouldBe("b");
        session.Session.IdleTimeout.ShouldBe(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Getting_a_session_gives_the_same_link_and_token()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.CreateSessionAsync();

        var got = (await server.CallAsync(HttpMethod.Post, "/mcp/getSession", Id(created))).DataAs(WireJson.Default.SessionData)!;

        got.ShouldSatisfyAllConditions(
            g => g.SessionId.ShouldBe(created.SessionId), g => g.LinkUrl.ShouldBe(created.LinkUrl), g => g.Token.ShouldBe(created.Token),
            g => g.ToolList.ShouldBe(created.ToolList), g => g.Status.ShouldBe("RUNNING"));
    }

    [Fact]
    public async Task A_session_is_paused_and_resumed()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.CreateSessionAsync();

        await server.CallAsync(HttpMethod.Post, "/mcp/pauseSessionAsync", Id(created));
        (await StatusAsync("/mcp/getSession", WireJson.Default.SessionData)).Status.ShouldBe("PAUSED");
        (await StatusAsync("/mcp/getSessionInfo", WireJson.Default.SessionStatusData)).Status.ShouldBe("PAUSED");

        await server.CallAsync(HttpMethod.Post, "/mcp/resumeSessionAsync", Id(created));
        (await StatusAsync("/mcp/getSession", WireJson.Default.SessionData)).Status.ShouldBe("RUNNING");
        await server.RefusesAsync(HttpMethod.Post, "/mcp/pauseSessionAsync", """{"sessionId":"s-none"}""", AgbErrorIds.SessionNotFound);

        async Task<T> StatusAsync<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
            where T : class => (await server.CallAsync(HttpMethod.Post, path, Id(created))).DataAs(type)!;
    }

    [Fact]
    public async Task The_token_outlives_a_restart()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.CreateSessionAsync();
        await server.StopAsync();
        await server.StartAgainAsync();

        var got = (await server.CallAsync(HttpMethod.Post, "/mcp/getSession", Id(created))).DataAs(WireJson.Default.SessionData)!;

        got.Token.ShouldBe(created.Token);
    }

    [Theory]
    [InlineData("""{"timeout":0}""", null)]
    [InlineData("{}", null)]
    [InlineData("""{"timeout":5,"agb":{"idleTimeout":"00:01:00"}}""", 60)]
    [InlineData("""{"timeout":5,"agb":{}}""", null)]
    [InlineData("""{"timeout":5}""", 5)]
    public async Task The_idle_time_is_the_clients_or_the_servers(string body, int? seconds)
    {
        await using var server = await TestServer.StartAsync();

        (await server.CreateSessionAsync(body)).Session!.IdleTimeout.ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);
    }

    [Fact]
    public async Task A_server_can_have_an_idle_time_of_its_own()
    {
        await using var server = await TestServer.StartAsync(o => o with { DefaultIdleTimeout = TimeSpan.FromMinutes(5) });

        (await server.CreateSessionAsync("""{"timeout":0}""")).Session!.IdleTimeout.ShouldBe(TimeSpan.FromMinutes(5));
        (await server.CreateSessionAsync("""{"agb":{}}""")).Session!.IdleTimeout.ShouldBeNull();
    }

    [Fact]
    public async Task Limits_reach_the_service_and_the_servers_own_are_told()
    {
        await using var server = await TestServer.StartAsync(o => o with { DefaultLimits = new AgbSessionLimits { Cpus = 0.5 } });

        (await server.CreateSessionAsync("{}")).Session!.ToSession(null).Limits.ShouldBe(AgbSessionLimits.None, "the service has the defaults, which is a fake here");
        (await server.CreateSessionAsync("""{"agb":{"limits":{"openFiles":100,"memoryBytes":1099511627776}}}""")).Session!.ToSession(null).Limits
            .ShouldBe(new AgbSessionLimits { OpenFiles = 100, MemoryBytes = 1L << 40 });
        await server.RefusesAsync(
            HttpMethod.Post, "/mcp/createSession?imageId=agb-code-space-1", """{"agb":{"limits":{"openFiles":3}}}""", AgbErrorIds.InvalidSessionOption);
        (await server.CallAsync(HttpMethod.Get, AgbServerRoutes.Info)).DataAs(WireJson.Default.AgbInfo)!.Limits!.DefaultSessionLimits!
            .ShouldBe(new AgbSessionLimits { Cpus = 0.5 });
    }

    [Fact]
    public async Task Sessions_are_found_by_label_in_pages()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await server.CreateSessionAsync("""{"labels":"{\"set\":\"1\"}"}""");
        }
        await server.CreateSessionAsync("""{"labels":"{\"set\":\"2\"}"}""");
        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await server.CallAsync(HttpMethod.Get, $"/sdk/ListSession?maxResults=2&labels=%7B%22set%22%3A%221%22%7D&nextToken={token}");
            page.Count.ShouldBe(5);
            page.MaxResults.ShouldBe(2);
            var items = page.DataAs(WireJson.Default.IReadOnlyListSessionSummary)!;
            items.Count.ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(items.Select(i => i.SessionId!));
            token = page.NextToken;
        }
        while (!string.IsNullOrEmpty(token));

        seen.Distinct().Count().ShouldBe(5);
        (await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels=%7B%7D")).Count.ShouldBe(6);
        (await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels=%7B%22set%22%3A%223%22%7D")).DataAs(WireJson.Default.IReadOnlyListSessionSummary)!.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_goes_on_where_the_last_ended_although_its_last_session_is_gone()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await server.CreateSessionAsync();
        }
        var first = await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?maxResults=2&labels={}");
        var gone = first.DataAs(WireJson.Default.IReadOnlyListSessionSummary)![1].SessionId;
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSession", $$"""{"sessionId":"{{gone}}"}""");

        var second = await server.CallAsync(HttpMethod.Get, $"/sdk/ListSession?maxResults=2&labels={{}}&nextToken={first.NextToken}");

        second.DataAs(WireJson.Default.IReadOnlyListSessionSummary)!.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Labels_travel_as_JSON_in_a_string()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        await server.CallAsync(HttpMethod.Post, $"/sdk/SetLabel?sessionId={session.SessionId}&Labels=%7B%22a%22%3A%22%C3%BC+b%22%7D");
        var data = (await server.CallAsync(HttpMethod.Get, $"/sdk/GetLabel?sessionId={session.SessionId}")).Data!.Value;

        data.GetProperty("labels").ValueKind.ShouldBe(JsonValueKind.String);
        TextMap.Read(data.GetProperty("labels").GetString(), "labels")["a"].ShouldBe("ü b");
    }

    [Fact]
    public async Task A_session_that_is_being_released_is_gone_to_everything_but_its_status()
    {
        await using var server = await TestServer.StartAsync();
        var gate = new TaskCompletionSource();
        server.Fake.ReleaseGate = gate.Task;
        var session = await server.CreateSessionAsync();

        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", Id(session));
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", Id(session));

        (await server.CallAsync(HttpMethod.Post, "/mcp/getSessionInfo", Id(session))).DataAs(WireJson.Default.SessionStatusData)!.Status.ShouldBe("DELETING");
        await server.RefusesAsync(HttpMethod.Post, "/mcp/getSession", Id(session), AgbErrorIds.SessionNotFound);
        await server.RefusesAsync(HttpMethod.Post, "/mcp", Id(session)[..^1] + ",\"name\":\"echo\"}", AgbErrorIds.SessionNotFound);
        await server.RefusesAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session.SessionId}", null, AgbErrorIds.SessionNotFound);
        (await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels={}")).Count.ShouldBe(0);

        gate.SetResult();
        var poll = await EndAsync(server, session);
        poll.Code.ShouldBe("InvalidMcpSession.NotFound");
        poll.Message.ShouldContain("Session not found");
        poll.HttpStatusCode.ShouldBe(400);
    }

    [Fact]
    public async Task Stopping_waits_for_a_release_that_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        var gate = new TaskCompletionSource();
        server.Fake.ReleaseGate = gate.Task;
        var session = await server.CreateSessionAsync();
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", Id(session));

        var stopping = server.StopAsync();
        stopping.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        await stopping;

        await Should.ThrowAsync<AgbException>(() => server.Fake.GetSessionAsync(new SessionId(session.SessionId!), Token));
    }

    [Fact]
    public async Task Tools_answer_as_both_clients_read_it()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        var envelope = await server.CallAsync(HttpMethod.Post, "/mcp", $$"""{"sessionId":"{{session.SessionId}}","name":"echo","args":"{\"text\":\"\\ud83d\"}"}""");
        var failed = await server.CallToolAsync(session.SessionId!, "echo", """{"fail":true}""");
        var unknown = await server.CallToolAsync(session.SessionId!, "no_such_tool", "");

        envelope.Data!.Value.GetRawText().ShouldBe($$$"""{"isError":false,"content":[{"type":"text","text":"{{{session.SessionId}}} {\"text\":\"\\ud83d\"}"}]}""");
        failed.IsError.ShouldBeTrue();
        failed.Content.ShouldHaveSingleItem().Type.ShouldBe("text");
        unknown.IsError.ShouldBeTrue();
        unknown.JoinText().ShouldContain("echo");
    }

    [Fact]
    public async Task The_link_route_takes_and_gives_real_objects()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        var (status, envelope, _) = await TestServer.SendAsync(
            server.ClientOf(null), HttpMethod.Post, session.LinkUrl + "/callTool", """{"args":{"text":"a"},"server":"x","tool":"echo","requestId":"r","token":"t"}""", session.Token);

        status.ShouldBe(200);
        envelope.DataAs(WireJson.Default.LinkCallReply)!.Result!.Content![0].Text.ShouldBe($$"""{{session.SessionId}} {"text":"a"}""");
    }

    [Fact]
    public async Task Tools_are_listed_with_their_schemas_in_a_string()
    {
        await using var server = await TestServer.StartAsync();

        var data = (await server.CallAsync(HttpMethod.Post, "/mcp/listTools?imageId=agb-code-space-1")).Data!.Value;

        data.ValueKind.ShouldBe(JsonValueKind.String);
        var echo = ToolListJson.ReadDescriptions(data.GetString()).Single(t => t.Name == "echo");
        echo.InputSchema!.Value.GetProperty("required")[0].GetString().ShouldBe("text");
        echo.Server.ShouldBe("wuying_codespace");
        await server.RefusesAsync(HttpMethod.Post, "/mcp/listTools?imageId=none", null, AgbErrorIds.ImageNotFound);
    }

    [Fact]
    public async Task Browsers_are_refused_in_plain_words()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();
        foreach (var path in new[] { "/browser/init", "/internet/getCdpLink" })
        {
            var (status, envelope, _) = await TestServer.SendAsync(server.Client, HttpMethod.Post, $"{path}?sessionId={session.SessionId}");

            status.ShouldBe(501);
            envelope.Code.ShouldBe(AgbErrorIds.NotSupported);
            envelope.Message.ShouldContain("browser");
        }
    }

    [Fact]
    public async Task People_are_shown_a_session()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        var data = (await server.CallAsync(HttpMethod.Post, "/mcp/getMcpResource", Id(session))).DataAs(WireJson.Default.McpResourceData)!;

        data.ResourceUrl.ShouldBe(session.ResourceUrl);
        (await server.CallAsync(HttpMethod.Get, data.ResourceUrl!)).DataAs(WireJson.Default.SessionDetail)!.SessionId.ShouldBe(session.SessionId);
    }

    private static string Id(SessionData session) => $$"""{"sessionId":"{{session.SessionId}}"}""";

    private static async Task<Envelope> EndAsync(TestServer server, SessionData session)
    {
        for (; ; )
        {
            var (_, envelope, _) = await TestServer.SendAsync(server.Client, HttpMethod.Post, "/mcp/getSessionInfo", Id(session));
            if (!envelope.Success)
            {
                return envelope;
            }
            await Task.Delay(10, Token);
        }
    }
}
