namespace Agb.Engine.Store.Tests;

/// <summary>Kills the process at each step of a suspension, a resume, and the release of a suspended session. The next use wakes the session,
/// and nothing is left of it in the end.</summary>
public sealed class SleepCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_suspension_that_is_killed_is_undone_by_the_next_command()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var session = await PrepareAsync(engine);

        await CrashTests.CrashAsync(engine, "suspend", session, FaultPoint.SessionFrozen);

        (await engine.Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await engine.RunAsync(session, "cat /data/a")).ShouldBe("a");
        (await engine.Service.SuspendSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        await ShouldEndAsync(engine, session);
    }

    [Theory]
    [InlineData("suspend", FaultPoint.SessionFrozen)]
    [InlineData("resume", FaultPoint.SessionThawed)]
    public async Task A_session_whose_sleep_was_cut_off_is_released(string operation, string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var session = await PrepareAsync(engine);
        if (operation == "resume")
        {
            await engine.Service.SuspendSessionAsync(session, Token);
        }

        await CrashTests.CrashAsync(engine, operation, session, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        await ShouldEndAsync(engine, session);
    }

    [Fact]
    public async Task A_resume_that_is_killed_is_completed_by_the_next_use()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var session = await PrepareAsync(engine);
        await engine.Service.SuspendSessionAsync(session, Token);

        await CrashTests.CrashAsync(engine, "resume", session, FaultPoint.SessionThawed);

        (await engine.Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Suspended);
        (await engine.RunAsync(session, "cat /data/a")).ShouldBe("a");
        (await engine.Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        await ShouldEndAsync(engine, session);
    }

    [Theory]
    [InlineData(FaultPoint.SessionThawed)]
    [InlineData(FaultPoint.SessionStopped)]
    [InlineData(FaultPoint.VersionRecorded)]
    [InlineData(FaultPoint.SessionFilesRemoved)]
    public async Task A_release_of_a_suspended_session_that_is_killed_is_finished(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var session = await PrepareAsync(engine);
        await engine.Service.SuspendSessionAsync(session, Token);

        await CrashTests.CrashAsync(engine, "release", session, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        await ShouldBeGoneAsync(engine, session);
    }

    /// <summary>A session with a busy process and a change.</summary>
    private static async Task<AgbSession> PrepareAsync(EngineFixture engine)
    {
        var context = await engine.Service.CreateContextAsync("crash", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "printf a > /data/a; (while :; do :; done) >/dev/null 2>&1 &");
        return session;
    }

    private static async Task ShouldEndAsync(EngineFixture engine, AgbSession session)
    {
        await engine.RemoveAsync(session);
        await ShouldBeGoneAsync(engine, session);
    }

    private static async Task ShouldBeGoneAsync(EngineFixture engine, AgbSession session)
    {
        await engine.Service.SettleAsync();
        (await Should.ThrowAsync<AgbException>(() => engine.Service.GetSessionAsync(session, Token))).ErrorId.ShouldBe(AgbErrorIds.SessionNotFound);
        engine.Content(session.ContextSyncs[0].ContextId)["/data/a"].ShouldBe(ContextSnapshot.File("a"));
        Directory.EnumerateFileSystemEntries(Path.Combine(engine.Home, "sessions")).ShouldBeEmpty();
        GroupsOf(session).ShouldBeEmpty();
    }

    private static string[] GroupsOf(AgbSession session) =>
        [.. (string[])["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/freezer"] is var roots
            ? roots.Where(Directory.Exists).SelectMany(r => Directory.EnumerateDirectories(r, $"agb-{session.SessionId}*"))
            : []];
}
