using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Contexts by the plain AGB API.</summary>
public sealed class ContextTests : PlainTest
{
    private const string Get = "/sdk/GetContext";

    [Fact]
    public async Task A_new_context_is_created_when_no_other_has_its_name()
    {
        Fake.On(Get, s => FakeAgb.Json(s.Query["allowCreate"] == "true" ? FakeAgb.Envelope(Context("SdkCtx-1", "n")) : FakeAgb.No("Whatever", "there is none")));
        var context = await Service.CreateContextAsync("n", false, Token);
        (context.Id, context.Name, context.State, context.CreatedAt.Year).ShouldBe(("SdkCtx-1", "n", AgbContextState.Available, 2026));
        context.Service.ShouldBeSameAs(Service);
        Fake.Of(Get).Select(s => (s.Query["name"], s.Query["allowCreate"])).ShouldBe([("n", "false"), ("n", "true")]);
        Fake.Of(Get).ShouldAllBe(s => !s.Query.ContainsKey("id"));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_nothing_is_created()
    {
        Fake.Ok(Get, Context("SdkCtx-1", "n"));
        (await FailsAsync<AgbException>(AgbErrorIds.ContextAlreadyExists, () => Service.CreateContextAsync("n", false, Token))).RequestId.ShouldNotBeNullOrEmpty();
        Fake.Of(Get).ShouldHaveSingleItem().Query["allowCreate"].ShouldBe("false");
    }

    [Fact]
    public async Task An_existing_context_is_taken_by_one_call()
    {
        Fake.Ok(Get, Context("SdkCtx-1", "n"));
        (await Service.CreateContextAsync("n", true, Token)).Id.ShouldBe("SdkCtx-1");
        Fake.Of(Get).ShouldHaveSingleItem().Query["allowCreate"].ShouldBe("true");
    }

    [Theory]
    [InlineData("SdkCtx-1", "id")]
    [InlineData("my-data", "name")]
    public async Task What_looks_like_an_id_is_tried_as_one_first(string idOrName, string first)
    {
        Fake.Ok(Get, Context("SdkCtx-1", "my-data"));
        (await Service.FindContextAsync(idOrName, Token)).Id.ShouldBe("SdkCtx-1");
        var sent = Fake.Of(Get).ShouldHaveSingleItem();
        (sent.Query[first], sent.Query.Count).ShouldBe((idOrName, 2));
    }

    [Fact]
    public async Task What_is_no_name_is_tried_as_an_id()
    {
        Fake.On(Get, s => FakeAgb.Json(s.Query.ContainsKey("id") ? FakeAgb.Envelope(Context("odd-id", "n")) : FakeAgb.Envelope("{}")));
        (await Service.FindContextAsync("odd-id", Token)).Name.ShouldBe("n");
    }

    [Theory]
    [InlineData("""{"success":false,"code":"Context.NotFound","message":"no"}""", 200)]
    [InlineData("""{"success":false,"message":"no such thing"}""", 400)]
    [InlineData("""{"success":true,"data":{}}""", 200)]
    [InlineData("""{"success":true}""", 200)]
    public async Task A_context_that_is_not_there_is_ContextNotFound(string answer, int status)
    {
        Fake.On(Get, answer, status);
        var error = await FailsAsync<AgbException>(AgbErrorIds.ContextNotFound, () => Service.FindContextAsync("n", Token));
        error.Message.ShouldContain("'n'");
        error.RequestId.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_service_that_is_ill_is_not_taken_for_one_without_the_context()
    {
        Fake.On(Get, FakeAgb.No("InternalError", "ill"), 500);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.FindContextAsync("n", Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_is_read_page_by_page_whereever_the_paging_stands(bool atTop)
    {
        Fake.On("/sdk/ListContexts", s =>
        {
            var (items, next) = s.Query.GetValueOrDefault("nextToken") switch
            {
                null => ($"[{Context("c2", "b", state: null)},{Context("c3", "c")}]", "t1"),
                "t1" => ($"[{Context("c1", "a", state: "clearing")}]", "t 2/+"),
                _ => ("[]", ""),
            };
            return FakeAgb.Json(atTop
                ? FakeAgb.Envelope(items, $",\"nextToken\":\"{next}\",\"totalCount\":3")
                : FakeAgb.Envelope($"{{\"contexts\":{items},\"nextToken\":\"{next}\"}}"));
        });
        var contexts = await Service.ListContextsAsync(Token).ToListAsync(Token);
        contexts.Select(c => (c.Id, c.Name, c.State)).ShouldBe(
            [("c1", "a", AgbContextState.Clearing), ("c2", "b", AgbContextState.Available), ("c3", "c", AgbContextState.Available)]);
        Fake.Calls.Select(s => s.Query.GetValueOrDefault("nextToken")).ShouldBe([null, "t1", "t 2/+"]);
    }

    [Fact]
    public async Task A_list_whose_page_names_itself_as_the_next_ends()
    {
        Fake.On("/sdk/ListContexts", FakeAgb.Envelope($"[{Context("c1", "a")}]", ",\"nextToken\":\"same\""));
        (await Service.ListContextsAsync(Token).ToListAsync(Token)).Count.ShouldBe(1);
        Fake.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_context_is_renamed_and_read_again()
    {
        Fake.On("/sdk/ModifyContext", FakeAgb.Envelope());
        Fake.Ok(Get, Context("SdkCtx-1", "new"));
        (await Service.RenameContextAsync(new ContextId("SdkCtx-1"), "new", Token)).Name.ShouldBe("new");
        var sent = Fake.Of("/sdk/ModifyContext").ShouldHaveSingleItem();
        (sent.Method, sent.Query["id"], sent.Query["name"], sent.Body).ShouldBe(("POST", "SdkCtx-1", "new", "{}"));
    }

    [Fact]
    public async Task A_context_is_deleted_by_its_id()
    {
        Fake.On("/sdk/DeleteContext", FakeAgb.Envelope());
        await Service.RemoveContextAsync(new ContextId("SdkCtx-1"), Token);
        Fake.Of("/sdk/DeleteContext").ShouldHaveSingleItem().Query["id"].ShouldBe("SdkCtx-1");
    }

    [Fact]
    public async Task Deleting_what_is_not_there_is_ContextNotFound_with_the_services_words()
    {
        Fake.On("/sdk/DeleteContext", FakeAgb.No("Context.NotFound", "gone"), 400);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ContextNotFound, () => Service.RemoveContextAsync(new ContextId("SdkCtx-1"), Token));
        error.Message.ShouldContain("gone");
        error.RequestId.ShouldBe("r-no");
    }

    [Fact]
    public async Task Clearing_waits_until_the_context_is_available()
    {
        Fake.On("/sdk/ClearContext", FakeAgb.Envelope());
        Fake.On(
            Get,
            () => FakeAgb.Json(FakeAgb.Envelope(Context("c", "n", state: null))),
            () => FakeAgb.Json(FakeAgb.Envelope(Context("c", "n", state: "pre-available"))),
            () => FakeAgb.Json(FakeAgb.Envelope(Context("c", "n", state: "available"))));
        (await Service.ClearContextAsync(new ContextId("c"), false, Token)).State.ShouldBe(AgbContextState.Available);
        Fake.Of(Get).Count.ShouldBe(3);
        Time.Over[0].ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Clearing_ends_with_WaitTimeout_when_it_takes_too_long()
    {
        Fake.On("/sdk/ClearContext", FakeAgb.Envelope());
        Fake.Ok(Get, Context("c", "n", state: "clearing"));
        await FailsAsync<AgbException>(AgbErrorIds.WaitTimeout, () => Service.ClearContextAsync(new ContextId("c"), false, Token));
        Time.Over.Aggregate(TimeSpan.Zero, (a, b) => a + b).ShouldBe(TimeSpan.FromSeconds(300));
        Time.Over.Max().ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Clearing_without_waiting_returns_at_once()
    {
        Fake.On("/sdk/ClearContext", FakeAgb.Envelope());
        Fake.Ok(Get, Context("SdkCtx-1", "n", state: "clearing"));
        (await Service.ClearContextAsync(new ContextId("SdkCtx-1"), true, Token)).State.ShouldBe(AgbContextState.Clearing);
        Time.Over.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_API_lacks_is_NotSupported_and_asks_nothing()
    {
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, async () => await Service.ListContextVersionsAsync(new ContextId("c"), Token).ToListAsync(Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.RestoreContextAsync(new ContextId("c"), 1, Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.ListImagesAsync(Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.PlanSyncAsync(new SessionId("s"), new AgbSyncRequest(), Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.GetContextFileAsync(new ContextId("c"), "/f", 1, Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.OpenTerminalAsync(new SessionId("s"), new AgbTerminalRequest(), Token));
        (await Service.GetContextPathsAsync(new ContextId("c"), Token)).ShouldBeEmpty();
        Fake.Calls.ShouldBeEmpty();
    }

    private static string Context(string id, string name, string? state = "available") =>
        $$"""{"id":"{{id}}","name":"{{name}}","createTime":"2026-01-02T03:04:05Z","lastUsedTime":"2026-01-02T03:04:05Z"{{(state is null ? "" : $",\"state\":\"{state}\"")}}}""";
}
