using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Http;

/// <summary>What may be sent once more is, and nothing else.</summary>
public sealed class RetryTests : PlainTest
{
    private const string Label = "/sdk/GetLabel";
    private const string Create = "/mcp/createSession";

    [Fact]
    public async Task A_read_is_repeated_after_growing_waits_until_it_succeeds()
    {
        OnSession();
        Fake.On(Label, Broken, () => FakeAgb.Json("", 503), () => FakeAgb.Json(FakeAgb.Envelope("""{"labels":"{\"a\":\"b\"}"}""")));
        (await Service.GetSessionAsync(new SessionId("s-1"), Token)).Labels["a"].ShouldBe("b");
        Fake.Of(Label).Count.ShouldBe(3);
        Time.Over.Count.ShouldBe(2);
        Time.Over.ShouldAllBe(w => w > TimeSpan.Zero && w <= TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_read_is_repeated_no_more_often_than_the_settings_say()
    {
        Change = o => o with { MaxRetries = 2 };
        OnSession();
        Fake.On(Label, Broken);
        await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, () => Service.GetSessionAsync(new SessionId("s-1"), Token));
        Fake.Of(Label).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Nothing_is_repeated_when_the_settings_say_so()
    {
        Change = o => o with { MaxRetries = 0 };
        Fake.On("/agb/info", Broken);
        await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, () => Service.GetSessionAsync(new SessionId("s-1"), Token));
        Fake.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_creation_is_not_repeated_when_nobody_knows_whether_it_was_carried_out()
    {
        Fake.On(Create, Broken);
        await FailsAsync<AgbConnectionException>(AgbErrorIds.ConnectionFailed, () => Service.CreateSessionAsync(new AgbSessionRequest(), Token));
        Fake.Of(Create).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_command_is_not_repeated_when_nobody_knows_whether_it_was_carried_out()
    {
        OnSession();
        Fake.On("/mcp", Broken);
        await FailsAsync<AgbConnectionException>(
            AgbErrorIds.ConnectionFailed, () => Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "date" }, Token));
        Fake.Of("/mcp").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_creation_that_was_turned_away_is_repeated_when_the_service_says()
    {
        Fake.On(
            Create,
            () => FakeAgb.Json(FakeAgb.No("Throttling", "slow down"), 429, retryAfter: "7"),
            () => FakeAgb.Json(FakeAgb.Envelope("""{"sessionId":"s-1"}""")));
        (await Service.CreateSessionAsync(new AgbSessionRequest(), Token)).SessionId.ShouldBe("s-1");
        Fake.Of(Create).Count.ShouldBe(2);
        Time.Over.ShouldBe([TimeSpan.FromSeconds(7)]);
    }

    [Fact]
    public async Task What_can_be_done_twice_is_repeated_when_the_host_has_room_again()
    {
        OnSession();
        Fake.On(Label, () => FakeAgb.Json(Full(AgbErrorIds.HostExhausted), 503, retryAfter: "2"), () => FakeAgb.Json(FakeAgb.Envelope("{}")));
        await Service.GetSessionAsync(new SessionId("s-1"), Token);
        Time.Over.ShouldBe([TimeSpan.FromSeconds(2)]);
    }

    [Fact]
    public async Task A_creation_that_an_Agb_server_has_no_place_for_is_repeated_when_it_says()
    {
        Fake.On(
            Create, () => FakeAgb.Json(Full(AgbErrorIds.TooManySessions), 429, retryAfter: "2"), () => FakeAgb.Json(FakeAgb.Envelope("""{"sessionId":"s-1"}""")));
        (await Service.CreateSessionAsync(new AgbSessionRequest(), Token)).SessionId.ShouldBe("s-1");
        Time.Over.ShouldBe([TimeSpan.FromSeconds(2)]);
    }

    [Fact]
    public async Task A_creation_is_given_up_when_there_is_no_room_for_long()
    {
        Change = o => o with { MaxRetries = 2 };
        Fake.On(Create, () => FakeAgb.Json(Full(AgbErrorIds.TooManySessions), 429, retryAfter: "2"));
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.TooManySessions, () => Service.CreateSessionAsync(new AgbSessionRequest(), Token));
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(2));
        error.Kind.ShouldBe(AgbErrorKind.ResourceExhausted);
        Fake.Of(Create).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_creation_that_a_full_host_may_have_begun_is_not_repeated()
    {
        Fake.On(Create, () => FakeAgb.Json(Full(AgbErrorIds.HostExhausted), 503, retryAfter: "2"));
        await FailsAsync<AgbServiceException>(AgbErrorIds.HostExhausted, () => Service.CreateSessionAsync(new AgbSessionRequest(), Token));
        Fake.Of(Create).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_creation_that_found_no_connection_free_is_repeated()
    {
        Fake.On(
            Create,
            () => FakeAgb.Json(Full(AgbErrorIds.TooManyRequests), 503, retryAfter: "1"),
            () => FakeAgb.Json(FakeAgb.Envelope("""{"sessionId":"s-1"}""")));
        (await Service.CreateSessionAsync(new AgbSessionRequest(), Token)).SessionId.ShouldBe("s-1");
        Fake.Of(Create).Count.ShouldBe(2);
        Time.Over.ShouldBe([TimeSpan.FromSeconds(1)]);
    }

    [Fact]
    public async Task A_time_of_day_to_come_again_is_understood_too()
    {
        OnSession();
        Fake.On(
            Label,
            () => FakeAgb.Json("", 429, retryAfter: Time.GetUtcNow().AddSeconds(9).ToString("R")),
            () => FakeAgb.Json(FakeAgb.Envelope("{}")));
        await Service.GetSessionAsync(new SessionId("s-1"), Token);
        Time.Over.ShouldHaveSingleItem().ShouldBe(TimeSpan.FromSeconds(9), tolerance: TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_service_that_asks_for_too_long_a_wait_is_not_waited_for()
    {
        Change = o => o with { MaxRetryAfter = TimeSpan.FromSeconds(10) };
        OnSession();
        Fake.On(Label, () => FakeAgb.Json(FakeAgb.No("Throttling", "slow down"), 429, retryAfter: "11"));
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.TooManyRequests, () => Service.GetSessionAsync(new SessionId("s-1"), Token));
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(11));
        error.Remedy.ShouldNotBeNull().ShouldContain("11 s");
        Fake.Of(Label).Count.ShouldBe(1);
        Time.Over.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_no_is_not_asked_for_again()
    {
        OnSession();
        Fake.On(Label, FakeAgb.No("InternalError", "no"), 500);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.GetSessionAsync(new SessionId("s-1"), Token));
        Fake.Of(Label).Count.ShouldBe(1);
    }

    private static string Full(string errorId) =>
        $$$"""{"requestId":"r-no","success":false,"code":"{{{errorId}}}","message":"full","agbError":{"id":"{{{errorId}}}","kind":"ResourceExhausted","message":"full"}}""";

    private static HttpResponseMessage Broken() => throw new HttpRequestException("reset");
}
