using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>Sessions that were idle too long or lived too long are released, whoever looks next.</summary>
public sealed class LifetimeTests : EngineTest
{
    private const string Path = "/home/data";

    private readonly TestClock _time = new();

    [Fact]
    public async Task A_session_says_how_long_it_may_live_and_be_idle()
    {
        var service = Open(_time);
        var created = await CreateAsync(service, idle: TimeSpan.FromMinutes(10), lifetime: TimeSpan.FromHours(2));
        var session = await service.GetSessionAsync(created, Token);
        session.IdleTimeout.ShouldBe(TimeSpan.FromMinutes(10));
        session.ExpiresAt.ShouldBe(session.CreatedAt + TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task A_session_that_was_idle_too_long_is_gone()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(9));
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        _time.Advance(TimeSpan.FromMinutes(2));
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Releasing);
        await service.SettleAsync();
        (await FailsAsync(AgbErrorIds.SessionExpired, () => service.GetSessionAsync(session, Token))).Message.ShouldContain("idle timeout of 600 s");
        Home.Inventory().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_begins_the_idle_time_anew()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10));
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(9));
            await ShellAsync(service, session, "true");
        }
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task A_command_to_a_session_that_was_idle_too_long_says_so()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(11));
        var error = await FailsAsync(AgbErrorIds.SessionExpired, () => ShellAsync(service, session, "true"));
        error.Message.ShouldContain(session.SessionId);
        await service.SettleAsync();
        await SaysAlwaysAsync(service, session, AgbErrorIds.SessionExpired, "idle timeout");
    }

    [Fact]
    public async Task A_session_that_was_removed_is_not_found_whoever_asks()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10), lifetime: TimeSpan.FromHours(1));
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        _time.Advance(TimeSpan.FromHours(2));
        await SaysAlwaysAsync(service, session, AgbErrorIds.SessionNotFound, "was released at");
    }

    [Fact]
    public async Task Why_a_session_ended_is_remembered_for_seven_days()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, lifetime: TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromHours(2));
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Releasing);
        await service.SettleAsync();
        using var other = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path, TimeProvider = _time });
        await SaysAlwaysAsync(other, session, AgbErrorIds.SessionExpired, "lifetime was over");
        _time.Advance(TimeSpan.FromDays(6));
        await RemoveAnotherAsync();
        await FailsAsync(AgbErrorIds.SessionExpired, () => service.GetSessionAsync(session, Token));
        _time.Advance(TimeSpan.FromDays(2));
        await RemoveAnotherAsync();
        await FailsAsync(AgbErrorIds.SessionNotFound, () => service.GetSessionAsync(session, Token));

        // What is remembered for too long goes with a release.
        async Task RemoveAnotherAsync() =>
            await service.RemoveSessionAsync(new SessionId((await CreateAsync(service)).SessionId), cancellationToken: Token);
    }

    [Fact]
    public async Task A_running_command_is_activity_however_long_it_takes()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10));
        var command = ShellAsync(service, session, "touch /tmp/begun; until [ -e /tmp/go ]; do sleep 0.02; done; echo done");
        await Eventually.HoldsAsync("the command has begun", async () => await ShellAsync(service, session, "ls /tmp") == "begun");
        _time.Advance(TimeSpan.FromMinutes(30));
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(1);
        await ShellAsync(service, session, "touch /tmp/go");
        (await command).ShouldBe("done");
        // Its end is activity too.
        _time.Advance(TimeSpan.FromMinutes(9));
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task A_sync_is_activity()
    {
        var service = Open(_time);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10), sync: context.At(Path));
        _time.Advance(TimeSpan.FromMinutes(9));
        await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        await service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token);
        _time.Advance(TimeSpan.FromMinutes(9));
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task An_idle_session_stores_its_data_when_it_is_released()
    {
        var service = Open(_time);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10), sync: context.At(Path));
        await ShellAsync(service, session, $"echo 1 >{Path}/f");
        _time.Advance(TimeSpan.FromMinutes(11));
        (await service.ListSessionsAsync(null, Token).SingleAsync(Token)).Status.ShouldBe(AgbSessionStatus.Releasing);
        await service.SettleAsync();
        (await service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        (await AskAsync(service, context, Path, "cat f")).ShouldBe("1");
        await SaysAlwaysAsync(service, session, AgbErrorIds.SessionExpired, "idle timeout of 600 s");
    }

    [Fact]
    public async Task An_idle_session_is_released_in_the_background()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, idle: TimeSpan.FromMinutes(10));
        Home.Inventory().ShouldContain(InHome($"sessions/{session.SessionId}"));
        _time.Advance(TimeSpan.FromMinutes(11));
        _time.Tick();
        await Eventually.HoldsAsync("the session's files are gone", () => Home.Inventory().Count == 0);
    }

    [Fact]
    public async Task A_session_past_its_lifetime_is_gone_however_busy_it_was()
    {
        var service = Open(_time);
        var session = await CreateAsync(service, lifetime: TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromMinutes(59));
        await ShellAsync(service, session, "true");
        _time.Advance(TimeSpan.FromMinutes(2));
        await FailsAsync(AgbErrorIds.SessionExpired, () => ShellAsync(service, session, "true"));
        await service.SettleAsync();
        await SaysAlwaysAsync(service, session, AgbErrorIds.SessionExpired, "lifetime was over");
    }

    [Fact]
    public async Task A_session_past_its_lifetime_ends_by_itself_and_its_data_is_stored_by_whoever_looks_next()
    {
        var service = Open();
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var session = await CreateAsync(service, lifetime: TimeSpan.FromSeconds(2), sync: context.At(Path));
        await ShellAsync(service, session, $"echo 1 >{Path}/f");
        service.Dispose();
        await Eventually.HoldsAsync("the session's processes are gone", () => Home.Processes().Count == 0);
        using var later = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path });
        await Eventually.HoldsAsync(
            "the session is released", async () => await later.ListSessionsAsync(null, Token).CountAsync(Token) == 0);
        (await AskAsync(later, context, Path, "cat f")).ShouldBe("1");
    }

    /// <summary>Every call about a session that ended says the same, again and again.</summary>
    private static async Task SaysAlwaysAsync(IAgbService service, AgbSession session, string errorId, string why)
    {
        var id = session.SessionId;
        for (var i = 0; i < 2; i++)
        {
            foreach (var call in new Func<Task>[]
            {
                () => service.GetSessionAsync(new SessionId(id), Token),
                () => service.WaitSessionAsync(new SessionId(id), TimeSpan.FromSeconds(1), Token),
                () => service.RunCommandAsync(new SessionId(id), new AgbCommandRequest { Command = "true" }, Token),
                () => service.RunCodeAsync(new SessionId(id), new AgbCodeRequest { Code = "1" }, Token),
                () => service.KeepSessionAliveAsync(new SessionId(id), Token),
                () => service.SetSessionLabelsAsync(new SessionId(id), new Dictionary<string, string>(), Token),
                () => service.StartSyncAsync(new SessionId(id), new AgbSyncRequest(), Token),
                () => service.RemoveSessionAsync(new SessionId(id), cancellationToken: Token),
            })
            {
                (await FailsAsync(errorId, call)).Message.ShouldContain(why);
            }
        }
    }

    private static Task<AgbSession> CreateAsync(
        EmbeddedService service, TimeSpan? idle = null, TimeSpan? lifetime = null, AgbContextSync? sync = null) =>
        service.CreateSessionAsync(
            new AgbSessionRequest { IdleTimeout = idle, MaxLifetime = lifetime, ContextSyncs = sync is null ? [] : [sync] }, Token);
}
