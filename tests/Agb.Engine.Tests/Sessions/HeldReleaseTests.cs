using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>What is asked for while another session's release is held in the middle. Were any of it to wait for the release, it would never end.</summary>
public sealed class HeldReleaseTests : EngineTest
{
    private const string Path = "/home/data";

    private static readonly TimeSpan s_never = TimeSpan.FromSeconds(60);

    private readonly TestClock _time = new();

    [Fact]
    public async Task Queries_and_creations_go_through_while_a_session_is_released_beside_them()
    {
        using var held = new HeldCall(Home.Path);
        var service = Open(_time);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var old = await CreateAsync(service, context, idle: TimeSpan.FromMinutes(10));
        await ShellAsync(service, old, $"echo 1 >{Path}/f");
        var other = await CreateAsync(service, context);
        HoldReleaseOf(old, held);
        _time.Advance(TimeSpan.FromMinutes(11));

        (await Soon(service.GetSessionAsync(other, Token))).Status.ShouldBe(AgbSessionStatus.Running);
        (await Soon(service.GetSessionAsync(old, Token))).Status.ShouldBe(AgbSessionStatus.Releasing);
        await Soon(held.Reached);

        await UseAsync(service, context, old, other);

        held.Let();
        await service.SettleAsync();
        await FailsAsync(AgbErrorIds.SessionExpired, () => service.GetSessionAsync(old, Token));
    }

    [Fact]
    public async Task A_service_that_is_opened_finds_the_releases_of_dead_processes_and_does_not_wait_for_them()
    {
        var first = Open(_time);
        var context = await first.CreateContextAsync("c", cancellationToken: Token);
        var old = await CreateAsync(first, context, idle: TimeSpan.FromMinutes(10));
        await ShellAsync(first, old, $"echo 1 >{Path}/f");
        var other = await CreateAsync(first, context);
        _time.Advance(TimeSpan.FromMinutes(11));
        using var held = new HeldCall(Home.Path);
        HoldReleaseOf(old, held);

        var second = Open(_time);
        (await Soon(second.GetSessionAsync(other, Token))).Status.ShouldBe(AgbSessionStatus.Running);
        await Soon(held.Reached);
        await UseAsync(second, context, old, other);
        // And what another process holds is not waited for either.
        await UseAsync(first, context, old, other);

        held.Let();
        await second.SettleAsync();
        (await AskAsync(second, context, Path, "cat f")).ShouldBe("1");
    }

    [Fact]
    public async Task Closing_the_service_lets_a_release_end()
    {
        using var held = new HeldCall(Home.Path);
        var service = Open(_time);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var old = await CreateAsync(service, context, idle: TimeSpan.FromMinutes(10));
        await ShellAsync(service, old, $"echo 1 >{Path}/f");
        HoldReleaseOf(old, held);
        _time.Advance(TimeSpan.FromMinutes(11));
        await service.GetSessionAsync(old, Token);
        await Soon(held.Reached);

        var closing = Task.Run(service.Dispose, Token);
        closing.IsCompleted.ShouldBeFalse();
        held.Let();
        await Soon(closing);

        Home.Inventory().ShouldHaveSingleItem().ShouldStartWith(InHome("layers/"));
        (await AskAsync(Open(), context, Path, "cat f")).ShouldBe("1");
    }

    private static async Task UseAsync(EmbeddedService service, AgbContext context, AgbSession old, AgbSession other)
    {
        (await Soon(service.ListSessionsAsync(null, Token).ToArrayAsync(Token).AsTask())).Select(s => (s.SessionId, s.Status))
            .ShouldContain((old.SessionId, AgbSessionStatus.Releasing));
        await FailsAsync(AgbErrorIds.SessionExpired, () => Soon(ShellAsync(service, old, "true")));
        (await Soon(ShellAsync(service, other, "echo here"))).ShouldBe("here");
        (await Soon(service.GetSyncStatusAsync(other, cancellationToken: Token))).ShouldNotBeEmpty();
        (await Soon(service.GetSyncStatusAsync(old, cancellationToken: Token))).ShouldNotBeEmpty();
        (await Soon(service.GetContextAsync(context, Token))).Name.ShouldBe("c");
        await Soon(service.GetContextPathsAsync(context, Token));
        await Soon(service.ListContextVersionsAsync(context, Token).ToArrayAsync(Token).AsTask());
        await Soon(service.ListContextFilesAsync(context, new AgbContextFileQuery { Path = Path }, Token).ToArrayAsync(Token).AsTask());
        var made = await Soon(CreateAsync(service, context));
        await Soon(service.RemoveSessionAsync(made, cancellationToken: Token));
    }

    // When its files are about to be removed: the session's lock is held, its data is uploaded.
    private static void HoldReleaseOf(AgbSession session, HeldCall held) => held.Hold("rename", $"/{session.SessionId}");

    private static Task<AgbSession> CreateAsync(EmbeddedService service, AgbContext context, TimeSpan? idle = null) =>
        service.CreateSessionAsync(new AgbSessionRequest { IdleTimeout = idle, ContextSyncs = [context.At(Path)] }, Token);

    // Only a failing test waits so long.
    private static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(s_never, Token);

    private static Task Soon(Task task) => task.WaitAsync(s_never, Token);
}
