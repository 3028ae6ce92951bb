using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests;

/// <summary>Whether a service is an Agb server shows with the first call, and is asked once.</summary>
public sealed class DetectionTests : PlainTest
{
    [Theory]
    [InlineData(404, "text/plain", "no")]
    [InlineData(404, "application/json", """{"requestId":"r","success":false,"code":"NotFound","message":"no"}""")]
    [InlineData(403, "application/json", """{"success":false,"code":"Forbidden","message":"no"}""")]
    [InlineData(500, "text/html", "<html/>")]
    [InlineData(200, "text/html", "<html>welcome</html>")]
    [InlineData(200, "application/json", "{}")]
    [InlineData(200, "application/json", """{"success":true,"data":{"product":"Other"}}""")]
    [InlineData(200, "application/json", """{"success":true,"data":{"product":7}}""")]
    [InlineData(200, "application/json", """{"success":true,"data":{"product":"Agb.Server","protocol":0}}""")]
    public async Task What_is_not_ours_has_the_plain_API(int status, string type, string body)
    {
        Fake.On("/agb/info", _ => FakeAgb.Json(body, status, type));
        Fake.Ok("/sdk/ListContexts", "[]");
        (await Service.ListContextsAsync(Token).ToListAsync(Token)).ShouldBeEmpty();
        Fake.Of("/sdk/ListContexts").Count.ShouldBe(1);
    }

    [Fact]
    public async Task It_is_asked_once_also_by_many_at_a_time()
    {
        Fake.Ok("/sdk/ListContexts", "[]");
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Service.ListContextsAsync(Token).ToListAsync(Token).AsTask()));
        Fake.Of("/agb/info").Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_AGB_cloud_is_not_asked()
    {
        Change = o => o with { Endpoint = AgbEndpoint.Default };
        Fake.Ok("/sdk/ListContexts", "[]");
        await Service.ListContextsAsync(Token).ToListAsync(Token);
        Fake.Requests.ShouldHaveSingleItem().Path.ShouldBe("/sdk/ListContexts");
    }

    [Fact]
    public async Task A_server_of_ours_is_asked_by_its_extensions()
    {
        OnServer();
        Fake.Ok("/agb/getContext", """{"id":"SdkCtx-1","name":"n","state":"Available","createdAt":"2026-01-02T03:04:05Z","lastUsedAt":"2026-01-02T03:04:05Z"}""");
        var context = await Service.FindContextAsync("n", Token);
        (context.Id, context.Name).ShouldBe(("SdkCtx-1", "n"));
        context.Service.ShouldBeSameAs(Service);
        Fake.Calls.ShouldHaveSingleItem().Json.GetProperty("idOrName").GetString().ShouldBe("n");
    }

    [Fact]
    public async Task A_server_of_ours_that_knows_no_limits_of_sessions_is_not_asked_for_them()
    {
        Fake.Ok("/agb/info", """{"product":"Agb.Server","version":"1","protocol":1,"limits":{"maxRequestBytes":1}}""");
        var error = await FailsAsync<AgbException>(
            AgbErrorIds.NotSupported, () => Service.CreateSessionAsync(new AgbSessionRequest { Limits = new() { OpenFiles = 100 } }, Token));
        error.Message.ShouldContain("limits");
        Fake.Requests.ShouldHaveSingleItem().Path.ShouldBe("/agb/info");
    }

    [Fact]
    public async Task A_server_that_is_newer_than_this_module_is_refused_with_both_versions()
    {
        Fake.Ok("/agb/info", """{"product":"Agb.Server","protocol":2}""");
        var error = await FailsAsync<AgbException>(AgbErrorIds.ServiceNotAvailable, () => Service.FindContextAsync("n", Token));
        error.Message.ShouldContain("version 2");
        error.Message.ShouldContain("up to 1");
    }

    [Fact]
    public async Task A_failure_to_find_out_is_not_remembered()
    {
        Change = o => o with { MaxRetries = 0 };
        Fake.On("/agb/info", () => throw new HttpRequestException("down"), () => FakeAgb.Json(FakeAgb.Envelope("""{"product":"Agb.Server","protocol":1}""")));
        Fake.Ok("/agb/getContextPaths", "[\"/a\"]");
        await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, () => Service.GetContextPathsAsync(new ContextId("c"), Token));
        (await Service.GetContextPathsAsync(new ContextId("c"), Token)).ShouldBe(["/a"]);
    }

    [Fact]
    public async Task A_server_of_ours_that_does_not_accept_the_key_says_so_at_once()
    {
        Fake.On(
            "/agb/info",
            """{"requestId":"r","success":false,"code":"AuthenticationFailed","message":"m","agbError":{"id":"AuthenticationFailed","kind":"PermissionDenied","message":"m","remedy":"send a key"}}""", 401);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.AuthenticationFailed, () => Service.FindContextAsync("n", Token));
        error.Kind.ShouldBe(AgbErrorKind.PermissionDenied);
        // What the service says of keys is for programs that speak HTTP.
        error.Remedy.ShouldNotBeNull().ShouldNotContain("send a key");
        error.Advice.ShouldBe(AgbAdvice.CheckApiKey);
        Fake.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task All_that_an_error_of_ours_says_survives()
    {
        OnServer();
        Fake.On("/agb/getContext", """
            {"requestId":"r-7","success":false,"code":"ContextInUse","message":"m","httpStatusCode":409,
             "agbError":{"id":"ContextInUse","kind":"InvalidState","message":"mounted by s-1","remedy":"remove it","target":42}}
            """, 409);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ContextInUse, () => Service.FindContextAsync("n", Token));
        (error.Kind, error.Message, error.Remedy, error.Target, error.RequestId, error.HttpStatus)
            .ShouldBe((AgbErrorKind.InvalidState, "mounted by s-1", "remove it", (object)42L, "r-7", 409));
    }

    [Fact]
    public async Task Nothing_that_is_wrong_in_itself_is_sent()
    {
        await FailsAsync<AgbException>(AgbErrorIds.InvalidContextName, () => Service.CreateContextAsync(" ", false, Token));
        await FailsAsync<AgbException>(AgbErrorIds.InvalidContextName, () => Service.RenameContextAsync(new ContextId("c"), "", Token));
        await FailsAsync<AgbException>(AgbErrorIds.ContextNotFound, () => Service.RemoveContextAsync(new ContextId(""), Token));
        await FailsAsync<AgbException>(AgbErrorIds.InvalidPath, () => Service.GetContextFileAsync(new ContextId("c"), "relative", null, Token));
        await FailsAsync<AgbException>(AgbErrorIds.SessionNotFound, () => Service.RemoveSessionAsync(new SessionId(" "), cancellationToken: Token));
        await FailsAsync<AgbException>(AgbErrorIds.InvalidCommand, () => Service.RunCommandAsync(new SessionId("s"), new AgbCommandRequest { Command = "" }, Token));
        await FailsAsync<AgbException>(AgbErrorIds.InvalidCode, () => Service.RunCodeAsync(new SessionId("s"), new AgbCodeRequest { Code = "" }, Token));
        await FailsAsync<AgbException>(AgbErrorIds.InvalidSessionOption, () => Service.GetSessionLinkAsync(new SessionId("s"), 0, null, Token));
        await FailsAsync<AgbException>(
            AgbErrorIds.InvalidLabel, () => Service.SetSessionLabelsAsync(new SessionId("s"), new Dictionary<string, string> { [""] = "x" }, Token));
        await FailsAsync<AgbException>(
            AgbErrorIds.ReservedPath,
            () => Service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = "c", Path = "/etc" }] }, Token));
        await FailsAsync<AgbException>(
            AgbErrorIds.InvalidCommand, () => Service.RunCommandAsync(new SessionId("s"), new AgbCommandRequest { Command = "cat", Arguments = ["\0"] }, Token));
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public void The_name_is_the_endpoint() => Service.Name.ShouldBe(Endpoint);

    private void OnServer() => Fake.Ok("/agb/info", """{"product":"Agb.Server","version":"1","protocol":1}""");
}
