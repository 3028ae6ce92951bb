using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

public sealed class ExtensionApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Contexts_carry_all_that_the_service_says()
    {
        await using var server = await TestServer.StartAsync();

        var made = (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.CreateContext, """{"name":"a"}""")).DataAs(WireJson.Default.AgbContext)!;
        var listed = await StreamAsync(server, AgbServerRoutes.ListContexts, "{}");
        var again = await server.RefusesAsync(HttpMethod.Post, AgbServerRoutes.CreateContext, """{"name":"a"}""", AgbErrorIds.ContextAlreadyExists);

        made.ShouldBe(await server.Fake.GetContextAsync(made, Token) with { Service = null });
        listed[0].Item!.Value.Deserialize(WireJson.Default.AgbContext)!.ShouldBe(made);
        listed[^1].Result.ShouldNotBeNull();
        again.AgbError!.Remedy.ShouldBe("Choose another name, or use the existing one.");
        again.AgbError.Kind.ShouldBe(AgbErrorKind.AlreadyExists);
    }

    [Fact]
    public async Task Every_other_call_on_contexts_reaches_the_service()
    {
        await using var server = await TestServer.StartAsync();
        var id = (await server.Fake.CreateContextAsync("a", cancellationToken: Token)).Id;
        var body = $$"""{"contextId":"{{id}}","newName":"b","version":1}""";

        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.RenameContext, body)).DataAs(WireJson.Default.AgbContext)!.Name.ShouldBe("b");
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetContext, """{"idOrName":"b"}""")).DataAs(WireJson.Default.AgbContext)!.Id.ShouldBe(id);
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetContextPaths, body)).DataAs(WireJson.Default.IReadOnlyListString)!.ShouldBe(["/home/data"]);
        (await StreamAsync(server, AgbServerRoutes.ListVersions, body))[0].Item!.Value.Deserialize(WireJson.Default.AgbContextVersion)!.Version.ShouldBe(1);
        (await StreamAsync(server, AgbServerRoutes.RestoreContext, body))[^1].Result!.Value.Deserialize(WireJson.Default.AgbContextVersion)!.Version.ShouldBe(2);
        (await StreamAsync(server, AgbServerRoutes.ClearContext, body))[^1].Result!.Value.Deserialize(WireJson.Default.AgbContext)!.Id.ShouldBe(id);
        (await StreamAsync(server, AgbServerRoutes.RemoveContext, body))[^1].Result.ShouldNotBeNull();
        await server.RefusesAsync(HttpMethod.Post, AgbServerRoutes.RemoveContext, body, AgbErrorIds.ContextNotFound);
    }

    [Fact]
    public async Task Files_are_changed_listed_and_read()
    {
        await using var server = await TestServer.StartAsync();
        var id = (await server.Fake.CreateContextAsync("a", cancellationToken: Token)).Id;
        var content = new byte[200_000];
        new Random(5).NextBytes(content);
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        using var changes = new MemoryStream();
        await ChangeStream.WriteAsync(
            changes,
            new AgbContextFileChange[] { new AgbContextFileChange.Put("/d/ü", _ => Task.FromResult<Stream>(new MemoryStream(content))) { Mode = 384, ModifiedAt = time } }.ToAsyncEnumerable(), Token);

        var changed = await FramesAsync(await server.Client.PostAsync($"{AgbServerRoutes.ChangeContextFiles}?contextId={id}", new ByteArrayContent(changes.ToArray()), Token));
        var listed = await StreamAsync(server, AgbServerRoutes.ListContextFiles, $$"""{"contextId":"{{id}}","path":"/","recurse":true}""");
        var opened = await server.Client.PostAsync(AgbServerRoutes.OpenContextFile, new StringContent($$"""{"contextId":"{{id}}","path":"/d/ü","offset":199990}"""), Token);

        changed[^1].Result!.Value.Deserialize(WireJson.Default.AgbContextVersion)!.Version.ShouldBe(7);
        listed[0].Item!.Value.Deserialize(WireJson.Default.AgbContextFile)!.ShouldSatisfyAllConditions(f => f.Path.ShouldBe("/d/ü"), f => f.Mode.ShouldBe(384), f => f.ModifiedAt.ShouldBe(time));
        var head = JsonSerializer.Deserialize(opened.Headers.GetValues(AgbServerRoutes.FileHeader).Single(), WireJson.Default.AgbContextFile)!;
        head.Path.ShouldBe("/d/ü");
        head.Size.ShouldBe(200_000);
        (await opened.Content.ReadAsByteArrayAsync(Token)).ShouldBe(content[199_990..]);
    }

    [Fact]
    public async Task A_stream_of_changes_that_is_cut_off_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var id = (await server.Fake.CreateContextAsync("a", cancellationToken: Token)).Id;
        using var changes = new MemoryStream();
        await ChangeStream.WriteAsync(changes, new AgbContextFileChange[] { new AgbContextFileChange.Put("/a", _ => Task.FromResult<Stream>(new MemoryStream(new byte[100]))) }.ToAsyncEnumerable(), Token);

        var answer = await server.Client.PostAsync($"{AgbServerRoutes.ChangeContextFiles}?contextId={id}", new ByteArrayContent(changes.ToArray()[..50]), Token);

        Envelope.Read(await answer.Content.ReadAsByteArrayAsync(Token)).Code.ShouldBe(AgbErrorIds.InvalidRequest);
        await Should.ThrowAsync<AgbException>(() => server.Fake.GetContextFileAsync(new ContextId(id), "/a", cancellationToken: Token));
    }

    [Fact]
    public async Task Commands_carry_their_lines_and_their_bytes()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.AddSession();

        var frames = await StreamAsync(
            server, AgbServerRoutes.RunCommand, """{"sessionId":"s-1","command":"printf 'a\\nb\\n\\377'; exit 3","lines":true,"workingDirectory":"/","environment":{"A":"b"}}""");

        frames[..^1].Select(f => f.Item!.Value.Deserialize(WireJson.Default.OutputLine)!.Text).Take(2).ShouldBe(["a", "b"]);
        var result = frames[^1].Result!.Value.Deserialize(WireJson.Default.CommandDetail)!.ToResult("s-1", "c", null);
        result.ExitCode.ShouldBe(3);
        result.GetStdoutBytes().ShouldBe("a\nb\n\u00ff"u8.ToArray()[..4].Append((byte)0xff));
    }

    [Fact]
    public async Task A_command_ends_when_its_connection_closes()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.AddSession();
        var mark = Directory.CreateTempSubdirectory("agb-cancel-").FullName;
        try
        {
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var body = JsonSerializer.Serialize(new RunCommandBody { SessionId = "s-1", Command = $"echo $$ > {mark}/pid; sleep 600" }, WireJson.Default.RunCommandBody);
            var running = server.Client.PostAsync(AgbServerRoutes.RunCommand, new StringContent(body), cancel.Token);
            while (!File.Exists(mark + "/pid") || new FileInfo(mark + "/pid").Length == 0)
            {
                await Task.Delay(10, Token);
            }
            var process = $"/proc/{File.ReadAllText(mark + "/pid").Trim()}";

            await cancel.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => running);

            while (Directory.Exists(process) && !File.ReadAllText(process + "/stat").Contains(") Z"))
            {
                await Task.Delay(10, Token);
            }
        }
        finally
        {
            Directory.Delete(mark, recursive: true);
        }
    }

    [Fact]
    public async Task A_stream_without_news_says_that_the_work_goes_on()
    {
        await using var server = await TestServer.StartAsync(o => o with { HeartbeatEvery = TimeSpan.FromMilliseconds(20) });
        server.Fake.AddSession();
        var goOn = new TaskCompletionSource();
        server.Fake.OnWait = _ => goOn.Task;
        using var request = new HttpRequestMessage(HttpMethod.Post, AgbServerRoutes.WaitSession) { Content = new StringContent("""{"sessionId":"s-1","timeout":"00:01:00"}""") };

        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        (await reader.ReadLineAsync(Token)).ShouldBe("{}");
        goOn.SetResult();
        string? line;
        while ((line = await reader.ReadLineAsync(Token)) == "{}")
        {
        }

        line!.ShouldStartWith("""{"result":{"sessionId":"s-1",""");
        (await reader.ReadLineAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task An_error_after_the_first_line_is_the_last_line()
    {
        await using var server = await TestServer.StartAsync(o => o with { HeartbeatEvery = TimeSpan.FromMilliseconds(20) });
        server.Fake.AddSession();
        var fail = new TaskCompletionSource();
        server.Fake.OnWait = async _ =>
        {
            await fail.Task;
            throw AgbErrors.SessionNotFound("s-1");
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, AgbServerRoutes.WaitSession) { Content = new StringContent("""{"sessionId":"s-1","timeout":"00:01:00"}""") };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        fail.SetResult();

        var frames = await FramesAsync(response);

        frames.ShouldHaveSingleItem().Error!.Id.ShouldBe(AgbErrorIds.SessionNotFound);
    }

    [Fact]
    public async Task Sessions_syncs_and_code_reach_the_service()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.AddSession();
        server.Fake.SetTasks(new SessionId("s-1"), new AgbSyncStatus { SessionId = "s-1", ContextId = "c", Path = "/p", Files = 3 });
        server.Fake.OnCode = async (request, token) =>
        {
            await request.Events!.WriteAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = "x" }, token);
            return new AgbCodeResult { SessionId = "s-1", Stdout = "x", Language = request.Language };
        };
        const string id = """{"sessionId":"s-1"}""";

        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.SetLabels, """{"sessionId":"s-1","labels":{"a":"b"}}""")).DataAs(WireJson.Default.SessionDetail)!.Labels!["a"].ShouldBe("b");
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.KeepSessionAlive, id)).DataAs(WireJson.Default.SessionDetail)!.SessionId.ShouldBe("s-1");
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetSession, id)).DataAs(WireJson.Default.SessionDetail)!.Status.ShouldBe(AgbSessionStatus.Running);
        (await StreamAsync(server, AgbServerRoutes.ListSessions, """{"labels":{"a":"b"}}""")).Count.ShouldBe(2);
        (await StreamAsync(server, AgbServerRoutes.ListSessions, """{"labels":{"a":"c"}}""")).Count.ShouldBe(1);
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.ListImages, "{}")).DataAs(WireJson.Default.IReadOnlyListAgbImage)![0].HomeDirectory.ShouldBe("/home/code");
        var started = (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.StartSync, id)).DataAs(WireJson.Default.StartedSync)!;
        started.Tasks!.ShouldHaveSingleItem().Files.ShouldBe(3);
        await server.CallAsync(HttpMethod.Post, AgbServerRoutes.CancelSync, $$"""{"syncId":"{{started.SyncId}}"}""");
        (await server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetSyncStatus, id)).DataAs(WireJson.Default.IReadOnlyListAgbSyncStatus)!.ShouldHaveSingleItem();
        (await StreamAsync(server, AgbServerRoutes.WaitSync, """{"sessionId":"s-1","timeout":"00:00:05"}"""))[^1].Result!.Value.GetArrayLength().ShouldBe(1);
        (await StreamAsync(server, AgbServerRoutes.PlanSync, id))[^1].Result!.Value[0].GetProperty("action").GetString().ShouldBe("Add");
        var code = await StreamAsync(server, AgbServerRoutes.RunCode, """{"sessionId":"s-1","code":"1","language":"R","events":true}""");
        code[0].Item!.Value.Deserialize(WireJson.Default.AgbCodeEvent)!.Text.ShouldBe("x");
        code[^1].Result!.Value.Deserialize(WireJson.Default.CodeDetail)!.Language.ShouldBe(AgbCodeLanguage.R);
        (await StreamAsync(server, AgbServerRoutes.ReleaseSession, """{"sessionId":"s-1","discardChanges":true}""")).ShouldHaveSingleItem().Result.ShouldNotBeNull();
        await server.RefusesAsync(HttpMethod.Post, AgbServerRoutes.GetSession, id, AgbErrorIds.SessionNotFound);
    }

    private static async Task<List<StreamFrame>> StreamAsync(TestServer server, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await FramesAsync(await server.Client.PostAsync(path, content, Token));
    }

    private static async Task<List<StreamFrame>> FramesAsync(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType!.MediaType.ShouldBe(StreamFrame.ContentType, await response.Content.ReadAsStringAsync(Token));
        return await StreamFrame.ReadAsync(await response.Content.ReadAsStreamAsync(Token), Token).ToListAsync(Token);
    }
}
