using System.Text.Json;
using Agb.Protocol;
using Agb.Server.Tests.Support;
using Agb.Server;

namespace Agb.Server.Tests;

/// <summary>The server in front of the real engine.</summary>
public sealed class EngineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_made_in_one_session_is_read_in_another_under_another_path()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=guide&allowCreate=true")).DataAs(WireJson.Default.ContextData)!;
        var first = await CreateAsync(server, context.Id!, "/tmp/mapping", "{}");

        // Registered by the time that the session is there, for an empty context too.
        (await server.TasksAsync(first)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(t => t.TaskType.ShouldBe("download"), t => t.Path.ShouldBe("/tmp/mapping"));
        (await server.CallToolAsync(first, "command", """{"command":"echo hello > /tmp/mapping/file"}""")).IsError.ShouldBeFalse();
        await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={first}", "{}");
        await UploadedAsync(server, first);
        await ReleaseAsync(server, first);

        var second = await CreateAsync(server, context.Id!, "/home/data", """{"mappingPolicy":{"path":"/tmp/mapping"}}""");
        (await server.CallToolAsync(second, "command", """{"command":"cat /home/data/file"}""")).JoinText().ShouldBe("hello\n");
        await ReleaseAsync(server, second);
    }

    [Fact]
    public async Task A_context_may_be_mounted_by_its_name_and_an_explicit_sync_ignores_auto_upload()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=by-name&allowCreate=true");
        var session = await CreateAsync(server, "by-name", "/home/data/", """{"uploadPolicy":{"autoUpload":false}}""");
        await server.CallToolAsync(session, "command", """{"command":"echo x > /home/data/x"}""");

        await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session}&contextId=by-name&path=/home/data/&mode=upload");
        await UploadedAsync(server, session);

        (await server.TasksAsync(session, "&contextId=by-name&path=/home/data/")).ShouldAllBe(t => t.Path == "/home/data/");
        await ReleaseAsync(server, session);
        var again = await CreateAsync(server, "by-name", "/home/data", "{}");
        (await server.CallToolAsync(again, "command", """{"command":"cat /home/data/x"}""")).JoinText().ShouldBe("x\n");
        await ReleaseAsync(server, again);
    }

    [Fact]
    public async Task Sessions_outlive_the_server_and_are_found_by_the_next()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        var session = await server.CreateSessionAsync("""{"labels":"{\"who\":\"me\"}"}""");
        await server.CallToolAsync(session.SessionId!, "command", """{"command":"echo kept > /tmp/kept"}""");

        await server.StopAsync();
        await server.StartAgainAsync();

        (await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels=%7B%22who%22%3A%22me%22%7D")).Count.ShouldBe(1);
        var link = new Uri(session.LinkUrl!).AbsolutePath;
        var (_, envelope, _) = await TestServer.SendAsync(
            server.ClientOf(null), HttpMethod.Post, link + "/callTool", """{"tool":"command","args":{"command":"cat /tmp/kept"}}""", session.Token);
        envelope.DataAs(WireJson.Default.LinkCallReply)!.Result!.JoinText().ShouldBe("kept\n");
        await ReleaseAsync(server, session.SessionId!);
    }

    [Fact]
    public async Task A_paused_session_sleeps_on_over_a_restart_until_its_next_tool()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        var session = (await server.CreateSessionAsync()).SessionId!;
        await server.CallToolAsync(session, "command", """{"command":"echo kept > /tmp/kept; (while :; do :; done) >/dev/null 2>&1 &"}""");
        await server.CallAsync(HttpMethod.Post, AgbRoutes.PauseSession, $$"""{"sessionId":"{{session}}"}""");

        await server.StopAsync();
        await server.StartAgainAsync();

        (await StatusAsync()).ShouldBe("PAUSED");
        (await server.CallToolAsync(session, "command", """{"command":"cat /tmp/kept"}""")).JoinText().ShouldBe("kept\n");
        (await StatusAsync()).ShouldBe("RUNNING");
        await server.CallAsync(HttpMethod.Post, AgbRoutes.PauseSession, $$"""{"sessionId":"{{session}}"}""");
        await ReleaseAsync(server, session);

        async Task<string?> StatusAsync() =>
            (await server.CallAsync(HttpMethod.Post, AgbRoutes.GetSessionInfo, $$"""{"sessionId":"{{session}}"}""")).DataAs(WireJson.Default.SessionStatusData)!.Status;
    }

    [Fact]
    public async Task A_stop_lets_an_open_call_come_to_its_end()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        var session = (await server.CreateSessionAsync()).SessionId!;
        var body = JsonSerializer.Serialize(
            new RunCommandBody { SessionId = session, Command = "echo begun; while [ ! -e /tmp/go ]; do sleep 0.02; done; echo ended", Lines = true }, WireJson.Default.RunCommandBody);
        using var request = new HttpRequestMessage(HttpMethod.Post, AgbServerRoutes.RunCommand) { Content = new StringContent(body) };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var frames = StreamFrame.ReadAsync(await response.Content.ReadAsStreamAsync(Token), Token).GetAsyncEnumerator(Token);
        await frames.MoveNextAsync();

        var stopping = server.StopAsync();
        using (var sameStore = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Path.Combine(server.Data, "owners", "default") }))
        {
            await sameStore.RunCommandAsync(new SessionId(session), new AgbCommandRequest { Command = "touch /tmp/go" }, Token);
            var last = frames.Current;
            while (await frames.MoveNextAsync())
            {
                last = frames.Current;
            }
            last.Result!.Value.Deserialize(WireJson.Default.CommandDetail)!.ToResult(session, "c", null).Stdout.ShouldBe("begun\nended\n");
            await stopping;
            await sameStore.RemoveSessionAsync(new SessionId(session), cancellationToken: Token);
        }
    }

    [Fact]
    public async Task A_failed_upload_keeps_its_reason_through_the_wire()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);

        var error = await server.RefusesAsync(
            HttpMethod.Post, "/mcp/createSession?imageId=agb-code-space-1",
            """{"persistenceDataList":[{"contextId":"SdkCtx-none","path":"/home/data","policy":"{}"}]}""", AgbErrorIds.ContextNotFound);
        await server.RefusesAsync(
            HttpMethod.Post, "/mcp/createSession?imageId=agb-code-space-1",
            """{"persistenceDataList":[{"contextId":"x","path":"/etc","policy":"{}"}]}""", AgbErrorIds.ReservedPath);
        await server.RefusesAsync(HttpMethod.Post, "/mcp/createSession?imageId=none", "{}", AgbErrorIds.ImageNotFound);

        error.Message.ShouldContain("SdkCtx-none");
        (await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels={}")).Count.ShouldBe(0);
    }

    [Fact]
    public async Task Sessions_have_the_servers_limits_where_they_ask_for_none()
    {
        await using var server = await TestServer.StartAsync(
            o => o with { DefaultLimits = new AgbSessionLimits { OpenFiles = 200, DiskBytes = 8 << 20 }, ConfigureServices = null }, useEngine: true);
        var (plain, own) = (await server.CreateSessionAsync(), await server.CreateSessionAsync("""{"agb":{"limits":{"openFiles":300}}}"""));

        plain.Session!.ToSession(null).Limits.ShouldBe(new AgbSessionLimits { OpenFiles = 200, DiskBytes = 8 << 20 });
        own.Session!.ToSession(null).Limits.ShouldBe(new AgbSessionLimits { OpenFiles = 300, DiskBytes = 8 << 20 });
        (await server.CallToolAsync(plain.SessionId!, "shell", """{"command":"ulimit -n"}""")).JoinText().ShouldContain("200\\n");
        (await server.CallToolAsync(own.SessionId!, "shell", """{"command":"ulimit -n"}""")).JoinText().ShouldContain("300\\n");
        // Clients of the plain API have nothing but the text.
        var full = await server.CallToolAsync(
            plain.SessionId!, "shell", """{"command":"for i in $(seq 200); do head -c 1M /dev/zero > ~/f$i; done; sleep 200","timeout_ms":100000}""");
        full.JoinText().ShouldContain(LimitRules.Reached(AgbLimitKind.Disk));
        await ReleaseAsync(server, plain.SessionId!);
        await ReleaseAsync(server, own.SessionId!);
    }

    [Fact]
    public async Task Owners_share_the_images_of_the_server()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        await File.WriteAllTextAsync(Path.Combine(server.Data, "images.json"), """{"images":[{"imageId":"mine","homeDirectory":"/home/mine"}]}""", Token);
        using var other = server.ClientOf(new ApiKeyFile(server.Data).Add("other", null, DateTimeOffset.UtcNow).Secret);

        foreach (var client in new[] { server.Client, other })
        {
            (await TestServer.SendAsync(client, HttpMethod.Post, "/mcp/listTools?imageId=mine")).Status.ShouldBe(200);
        }
        Directory.GetDirectories(Path.Combine(server.Data, "owners")).Length.ShouldBe(2);
    }

    private static async Task<string> CreateAsync(TestServer server, string context, string path, string policy) =>
        (await server.CreateSessionAsync(JsonSerializer.Serialize(
            new CreateSessionBody { PersistenceDataList = [new PersistenceData { ContextId = context, Path = path, Policy = policy }] },
            WireJson.Default.CreateSessionBody))).SessionId!;

    private static async Task UploadedAsync(TestServer server, string session)
    {
        for (; ; )
        {
            var task = (await server.TasksAsync(session)).Single(t => t.TaskType == "upload");
            task.Status.ShouldNotBe("Failed", task.ErrorMessage);
            if (task.Status == "Success")
            {
                return;
            }
            await Task.Delay(10, Token);
        }
    }

    private static async Task ReleaseAsync(TestServer server, string session)
    {
        var body = $$"""{"sessionId":"{{session}}"}""";
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", body);
        while ((await TestServer.SendAsync(server.Client, HttpMethod.Post, "/mcp/getSessionInfo", body)).Envelope.Success)
        {
            await Task.Delay(10, Token);
        }
    }
}
