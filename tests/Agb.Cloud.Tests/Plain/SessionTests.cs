using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Sessions by the plain AGB API.</summary>
public sealed class SessionTests : PlainTest
{
    private const string Create = "/mcp/createSession";
    private const string Info = "/sdk/GetContextInfo";

    [Fact]
    public async Task A_session_is_created_with_its_mounts_policies_labels_and_idle_time()
    {
        Fake.Ok(Create, """{"sessionId":"s-1","appInstanceId":"a","resourceId":"r"}""");
        Fake.On(Info, ContextStatus(TaskItem("c-1", "/home/data", "download", "Success")));
        var session = await Service.CreateSessionAsync(
            new AgbSessionRequest
            {
                ImageId = "agb-browser-use-1",
                Labels = new Dictionary<string, string> { ["a"] = "b \"c\"" },
                IdleTimeout = TimeSpan.FromSeconds(90.5),
                ContextSyncs =
                [
                    new AgbContextSync { ContextId = "c-1", Path = "/home/data/", Policy = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/tmp/m" } } },
                ],
            },
            Token);

        (session.SessionId, session.ImageId, session.Status, session.Labels["a"]).ShouldBe(("s-1", "agb-browser-use-1", AgbSessionStatus.Running, "b \"c\""));
        session.ContextSyncs.ShouldHaveSingleItem().Path.ShouldBe("/home/data");
        session.Service.ShouldBeSameAs(Service);
        var sent = Fake.Of(Create).ShouldHaveSingleItem();
        sent.Query["imageId"].ShouldBe("agb-browser-use-1");
        sent.Json.GetProperty("labels").GetString().ShouldBe("""{"a":"b \u0022c\u0022"}""");
        sent.Json.GetProperty("timeout").GetDouble().ShouldBe(91);
        sent.Json.TryGetProperty("agb", out _).ShouldBeFalse();
        var data = sent.Json.GetProperty("persistenceDataList")[0];
        (data.GetProperty("contextId").GetString(), data.GetProperty("path").GetString()).ShouldBe(("c-1", "/home/data"));
        data.GetProperty("policy").GetString().ShouldNotBeNull().ShouldContain("\"mappingPolicy\":{\"path\":\"/tmp/m\"}");
    }

    [Fact]
    public async Task A_plain_session_has_an_empty_body_and_waits_for_nothing()
    {
        Fake.Ok(Create, """{"sessionId":"s-1"}""");
        await Service.CreateSessionAsync(new AgbSessionRequest(), Token);
        Fake.Calls.ShouldHaveSingleItem().Body.ShouldBe("{}");
    }

    [Fact]
    public async Task A_creation_waits_for_the_data_in_short_steps_that_grow()
    {
        Fake.Ok(Create, """{"sessionId":"s-1"}""");
        Fake.On(
            Info,
            () => FakeAgb.Json(ContextStatus(TaskItem("c", "/home/a", "download", "Pending"))),
            () => FakeAgb.Json(ContextStatus(TaskItem("c", "/home/a", "download", "running"))),
            () => FakeAgb.Json(ContextStatus(TaskItem("c", "/home/a", "download", "Success"))));
        await Service.CreateSessionAsync(WithMount(), Token);
        Fake.Of(Info).Count.ShouldBe(3);
        Time.Over.ShouldBe([TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(75)]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"contextStatus\":\"\"}")]
    [InlineData("{\"contextStatus\":\"[]\"}")]
    public async Task No_task_is_as_good_as_done(string data)
    {
        Fake.Ok(Create, """{"sessionId":"s-1"}""");
        Fake.Ok(Info, data);
        await Service.CreateSessionAsync(WithMount(), Token);
        Fake.Of(Info).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Data_that_does_not_arrive_is_an_error_that_names_the_session()
    {
        Fake.Ok(Create, """{"sessionId":"s-1"}""");
        Fake.On(Info, ContextStatus(TaskItem("c", "/home/a", "download", "Failed", "disk full")));
        var error = await FailsAsync<AgbException>(AgbErrorIds.SyncFailed, () => Service.CreateSessionAsync(WithMount(), Token));
        foreach (var named in (string[])["s-1", "/home/a", "disk full"])
        {
            error.Message.ShouldContain(named);
        }
        Fake.Of("/mcp/releaseSessionAsync").ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_waiting_the_session_is_Creating()
    {
        Fake.Ok(Create, """{"sessionId":"s-1"}""");
        (await Service.CreateSessionAsync(WithMount() with { NoWait = true }, Token)).Status.ShouldBe(AgbSessionStatus.Creating);
        Fake.Of(Info).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"requestId":"r-9","success":true,"code":"ok","data":{"success":false,"errMsg":"no quota"}}""", "no quota")]
    [InlineData("""{"requestId":"r-9","success":false,"code":"X","message":"no image"}""", "no image")]
    [InlineData("""{"requestId":"r-9","success":true,"data":{"sessionId":""}}""", "no reason")]
    public async Task A_creation_that_fails_says_why(string answer, string reason)
    {
        Fake.On(Create, answer);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.CreateSessionAsync(new AgbSessionRequest(), Token));
        error.Message.ShouldContain(reason);
        error.RequestId.ShouldBe("r-9");
        Fake.Of(Create).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_session_id_counts_also_where_the_envelope_says_no()
    {
        Fake.On(Create, """{"success":false,"data":{"sessionId":"s-1"}}""");
        (await Service.CreateSessionAsync(new AgbSessionRequest(), Token)).SessionId.ShouldBe("s-1");
    }

    [Fact]
    public async Task What_a_plain_session_can_not_be_is_NotSupported()
    {
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.CreateSessionAsync(new AgbSessionRequest { Network = AgbNetwork.None }, Token));
        await FailsAsync<AgbException>(
            AgbErrorIds.NotSupported, () => Service.CreateSessionAsync(new AgbSessionRequest { MaxLifetime = TimeSpan.FromHours(1) }, Token));
        await FailsAsync<AgbException>(
            AgbErrorIds.NotSupported, () => Service.CreateSessionAsync(new AgbSessionRequest { Limits = new() { OpenFiles = 100 } }, Token));
        await FailsAsync<AgbException>(
            AgbErrorIds.NotSupported,
            () => Service.CreateSessionAsync(new AgbSessionRequest { IdleTimeout = TimeSpan.FromHours(1), IdleAction = AgbIdleAction.Suspend }, Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.SuspendSessionAsync(new SessionId("s-1"), Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.ResumeSessionAsync(new SessionId("s-1"), Token));
        Fake.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("PAUSED", AgbSessionStatus.Suspended)]
    [InlineData("PAUSING", AgbSessionStatus.Suspended)]
    [InlineData("RESUMING", AgbSessionStatus.Running)]
    [InlineData("RUNNING", AgbSessionStatus.Running)]
    [InlineData("running", AgbSessionStatus.Running)]
    [InlineData("Something new", AgbSessionStatus.Running)]
    [InlineData("DELETING", AgbSessionStatus.Releasing)]
    public async Task A_session_is_found_with_its_status_and_labels(string word, AgbSessionStatus status)
    {
        Fake.Ok("/mcp/getSession", $$"""{"sessionId":"s-1","Status":"{{word}}"}""");
        Fake.Ok("/sdk/GetLabel", """{"labels":"{\"k\":\"v\"}","count":1}""");
        var session = await Service.GetSessionAsync(new SessionId("s-1"), Token);
        (session.Status, session.Labels["k"]).ShouldBe((status, "v"));
        Fake.Of("/mcp/getSession").ShouldHaveSingleItem().Json.GetProperty("sessionId").GetString().ShouldBe("s-1");
    }

    [Theory]
    [InlineData("""{"success":true,"data":{"sessionId":"s-1","status":"FINISH"}}""")]
    [InlineData("""{"success":true,"data":{"sessionId":"s-1","status":"DELETED"}}""")]
    [InlineData("""{"success":false,"code":"InvalidMcpSession.NotFound","message":"gone"}""")]
    [InlineData("""{"success":false,"code":"Other","message":"The session was not found"}""")]
    public async Task A_session_that_is_gone_is_SessionNotFound(string answer)
    {
        Fake.On("/mcp/getSession", answer);
        (await FailsAsync<AgbException>(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(new SessionId("s-1"), Token))).Message.ShouldContain("s-1");
    }

    [Fact]
    public async Task A_list_has_all_pages_with_labels_and_leaves_out_what_is_gone()
    {
        Fake.On("/sdk/ListSession", s => FakeAgb.Json(s.Query.ContainsKey("nextToken")
            ? FakeAgb.Envelope("""[{"sessionId":"s-3","sessionStatus":"RUNNING"},{"sessionId":"s-4","sessionStatus":"FINISH"}]""", ",\"nextToken\":\"\"")
            : FakeAgb.Envelope("""[{"sessionId":"s-1","sessionStatus":"RUNNING"},{"sessionId":"s-2","sessionStatus":"RUNNING"}]""", ",\"nextToken\":\"t\",\"count\":4")));
        Fake.On("/sdk/GetLabel", s => FakeAgb.Json(s.Query["sessionId"] == "s-2"
            ? FakeAgb.No("InvalidMcpSession.NotFound", "Session not found")
            : FakeAgb.Envelope($$"""{"labels":"{\"of\":\"{{s.Query["sessionId"]}}\"}"}""")));
        var sessions = await Service.ListSessionsAsync(new Dictionary<string, string> { ["a"] = "b" }, Token).ToListAsync(Token);
        sessions.Select(s => (s.SessionId, s.Labels["of"])).ShouldBe([("s-1", "s-1"), ("s-3", "s-3")]);
        Fake.Of("/sdk/ListSession").ShouldAllBe(s => s.Query["labels"] == """{"a":"b"}""");
    }

    [Fact]
    public async Task A_list_without_a_filter_sends_an_empty_one()
    {
        Fake.Ok("/sdk/ListSession", "[]");
        (await Service.ListSessionsAsync(null, Token).ToListAsync(Token)).ShouldBeEmpty();
        Fake.Calls.ShouldHaveSingleItem().Query["labels"].ShouldBe("{}");
    }

    [Fact]
    public async Task A_release_waits_until_the_session_is_gone()
    {
        Fake.On("/mcp/releaseSessionAsync", FakeAgb.Envelope());
        Fake.On(
            "/mcp/getSessionInfo",
            () => FakeAgb.Json(FakeAgb.Envelope("""{"status":"RUNNING"}""")),
            () => FakeAgb.Json(FakeAgb.Envelope("""{"Status":"DELETING"}""")),
            () => FakeAgb.Json(FakeAgb.No("InvalidMcpSession.NotFound", "Session not found"), 400));
        await Service.RemoveSessionAsync(new SessionId("s-1"), cancellationToken: Token);
        Fake.Of("/mcp/getSessionInfo").Count.ShouldBe(3);
        Fake.Of("/mcp/releaseSessionAsync").ShouldHaveSingleItem().Json.GetProperty("sessionId").GetString().ShouldBe("s-1");
    }

    [Theory]
    [InlineData("""{"body":{"success":true,"requestId":"r"}}""")]
    [InlineData("""{"Success":true,"Code":"ok","RequestId":"r","HttpStatusCode":200}""")]
    public async Task Wrapped_and_pascal_case_answers_are_understood(string answer)
    {
        Fake.On("/mcp/releaseSessionAsync", answer);
        Fake.Ok("/mcp/getSessionInfo", """{"status":"FINISH"}""");
        await Service.RemoveSessionAsync(new SessionId("s-1"), cancellationToken: Token);
    }

    [Fact]
    public async Task A_release_that_takes_too_long_is_WaitTimeout()
    {
        Fake.On("/mcp/releaseSessionAsync", FakeAgb.Envelope());
        Fake.Ok("/mcp/getSessionInfo", """{"status":"DELETING"}""");
        await FailsAsync<AgbException>(AgbErrorIds.WaitTimeout, () => Service.RemoveSessionAsync(new SessionId("s-1"), cancellationToken: Token));
    }

    [Fact]
    public async Task Releasing_what_is_gone_is_SessionNotFound()
    {
        Fake.On("/mcp/releaseSessionAsync", FakeAgb.No("InvalidSession.NotFound", "Resource [Session] is not found"));
        await FailsAsync<AgbException>(AgbErrorIds.SessionNotFound, () => Service.RemoveSessionAsync(new SessionId("s-1"), cancellationToken: Token));
    }

    [Fact]
    public async Task A_release_with_upload_waits_for_the_upload_first()
    {
        Fake.On("/sdk/SyncContext", FakeAgb.Envelope());
        Fake.On(Info, ContextStatus(TaskItem("c", "/home/a", "upload", "Success")));
        Fake.On("/mcp/releaseSessionAsync", FakeAgb.Envelope());
        Fake.Ok("/mcp/getSessionInfo", """{"status":"FINISH"}""");
        await Service.RemoveSessionAsync(new SessionId("s-1"), AgbReleaseMode.Upload, cancellationToken: Token);
        Fake.Calls[0].Path.ShouldBe("/sdk/SyncContext");
        Fake.Calls[0].Query.Keys.ShouldBe(["sessionId"]);
        Fake.Calls[^2].Path.ShouldBe("/mcp/releaseSessionAsync");
    }

    [Fact]
    public async Task A_session_whose_upload_failed_stays()
    {
        Fake.On("/sdk/SyncContext", FakeAgb.Envelope());
        Fake.On(Info, ContextStatus(TaskItem("c", "/home/a", "upload", "Failed", "disk full")));
        var error = await FailsAsync<AgbException>(
            AgbErrorIds.SyncFailed, () => Service.RemoveSessionAsync(new SessionId("s-1"), AgbReleaseMode.Upload, cancellationToken: Token));
        error.Message.ShouldContain("disk full");
        Fake.Of("/mcp/releaseSessionAsync").ShouldBeEmpty();
    }

    [Fact]
    public async Task Changes_can_be_discarded_only_where_nothing_uploads_by_itself()
    {
        Fake.On("/mcp/releaseSessionAsync", FakeAgb.Envelope());
        Fake.Ok("/mcp/getSessionInfo", """{"status":"FINISH"}""");
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.RemoveSessionAsync(new SessionId("s-1"), AgbReleaseMode.Discard, cancellationToken: Token));
        Fake.Calls.ShouldBeEmpty();

        Fake.Ok(Create, """{"sessionId":"s-1"}""");
        await Service.CreateSessionAsync(new AgbSessionRequest(), Token);
        await Service.RemoveSessionAsync(new SessionId("s-1"), AgbReleaseMode.Discard, cancellationToken: Token);
        Fake.Of("/mcp/releaseSessionAsync").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Labels_are_replaced_by_the_query()
    {
        OnSession();
        Fake.On("/sdk/SetLabel", FakeAgb.Envelope());
        Fake.Ok("/sdk/GetLabel", """{"labels":"{\"a\":\"b\"}"}""");
        (await Service.SetSessionLabelsAsync(new SessionId("s-1"), new Dictionary<string, string> { ["a"] = "b" }, Token)).Labels["a"].ShouldBe("b");
        var sent = Fake.Of("/sdk/SetLabel").ShouldHaveSingleItem();
        (sent.Query["sessionId"], sent.Query["Labels"], sent.Body).ShouldBe(("s-1", """{"a":"b"}""", "{}"));
    }

    [Fact]
    public async Task Keeping_alive_is_by_the_query()
    {
        OnSession();
        Fake.On("/mcp/refreshSessionIdleTime", FakeAgb.Envelope());
        Fake.Ok("/sdk/GetLabel", "{}");
        (await Service.KeepSessionAliveAsync(new SessionId("s-1"), Token)).SessionId.ShouldBe("s-1");
        Fake.Of("/mcp/refreshSessionIdleTime").ShouldHaveSingleItem().Query["sessionId"].ShouldBe("s-1");
    }

    [Fact]
    public async Task A_link_is_asked_for_with_port_and_scheme()
    {
        Fake.Ok("/internet/getLink", """{"url":"https://p.example/x?y=z"}""");
        (await Service.GetSessionLinkAsync(new SessionId("s-1"), 30100, "https", Token)).AbsoluteUri.ShouldBe("https://p.example/x?y=z");
        var sent = Fake.Calls.ShouldHaveSingleItem();
        (sent.Method, sent.Query["port"], sent.Query["protocolType"]).ShouldBe(("GET", "30100", "https"));
        await Service.GetSessionLinkAsync(new SessionId("s-1"), 30100, null, Token);
        Fake.Calls[^1].Query.ContainsKey("protocolType").ShouldBeFalse();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"url\":\"\"}")]
    [InlineData("{\"url\":\"no address\"}")]
    public async Task A_link_that_is_none_is_an_error_of_the_service(string data)
    {
        Fake.Ok("/internet/getLink", data);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.GetSessionLinkAsync(new SessionId("s-1"), 30100, null, Token));
    }

    [Fact]
    public async Task Waiting_ends_when_the_session_is_no_longer_Creating()
    {
        Fake.Ok("/sdk/GetLabel", "{}");
        Fake.On(
            "/mcp/getSession",
            () => FakeAgb.Json(FakeAgb.Envelope("""{"sessionId":"s-1","status":"PENDING"}""")),
            () => FakeAgb.Json(FakeAgb.Envelope("""{"sessionId":"s-1","status":"RUNNING"}""")));
        (await Service.WaitSessionAsync(new SessionId("s-1"), TimeSpan.FromSeconds(10), Token)).Status.ShouldBe(AgbSessionStatus.Running);
        Fake.Ok("/mcp/getSession", """{"sessionId":"s-1","status":"CREATING"}""");
        await FailsAsync<AgbException>(AgbErrorIds.WaitTimeout, () => Service.WaitSessionAsync(new SessionId("s-1"), TimeSpan.FromSeconds(10), Token));
    }

    private static AgbSessionRequest WithMount() => new() { ContextSyncs = [new AgbContextSync { ContextId = "c", Path = "/home/a" }] };
}
