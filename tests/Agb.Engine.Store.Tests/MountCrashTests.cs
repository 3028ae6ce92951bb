namespace Agb.Engine.Store.Tests;

/// <summary>Kills the process at every step of a change of the mounts of a running session. The next process finishes or undoes it, and the
/// session goes on.</summary>
public sealed class MountCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MountKind.Overlay, FaultPoint.MountRegistered, false)]
    [InlineData(MountKind.Overlay, FaultPoint.MountPrepared, false)]
    [InlineData(MountKind.Overlay, FaultPoint.MountAttached, true)]
    [InlineData(MountKind.Copy, FaultPoint.MountRegistered, false)]
    [InlineData(MountKind.Copy, FaultPoint.MountPrepared, false)]
    [InlineData(MountKind.Copy, FaultPoint.MountAttached, true)]
    public async Task A_mount_that_is_killed_is_there_or_not(MountKind kind, string point, bool isThere)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session) = await PrepareAsync(engine, isMounted: false);

        await CrashTests.CrashAsync(engine.Home, kind, "mount", $"{session.SessionId},{context.Id}", point);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        (await engine.Service.ListMountsAsync(session, Token)).Count.ShouldBe(isThere ? 1 : 0);
        if (!isThere)
        {
            await engine.Service.MountContextAsync(session, new AgbMountRequest { Sync = new AgbContextSync { ContextId = context.Id, Path = "/data" } }, Token);
        }
        (await engine.RunAsync(session, "cat /data/a; echo 3 > /data/c")).ShouldBe("2\n");
        await EndsAsync(engine, context, session, "/data/a=2", "/data/b=2", "/data/c=3");
    }

    [Theory]
    [InlineData(MountKind.Overlay, FaultPoint.MountFrozen, true)]
    [InlineData(MountKind.Overlay, FaultPoint.LayerFlushed, true)]
    [InlineData(MountKind.Overlay, FaultPoint.VersionRecorded, true)]
    [InlineData(MountKind.Overlay, FaultPoint.MountLeaving, false)]
    [InlineData(MountKind.Overlay, FaultPoint.MountDetached, false)]
    [InlineData(MountKind.Copy, FaultPoint.MountFrozen, true)]
    [InlineData(MountKind.Copy, FaultPoint.MountLeaving, false)]
    [InlineData(MountKind.Copy, FaultPoint.MountDetached, false)]
    public async Task A_dismount_that_is_killed_is_finished_or_undone(MountKind kind, string point, bool isThere)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session) = await PrepareAsync(engine, isMounted: true);
        await engine.RunAsync(session, "echo 3 > /data/c");

        await CrashTests.CrashAsync(engine, "dismount", session, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        (await engine.Service.ListMountsAsync(session, Token)).Count.ShouldBe(isThere ? 1 : 0);
        if (isThere)
        {
            await engine.RunAsync(session, "echo 4 > /data/d");
            await EndsAsync(engine, context, session, "/data/a=2", "/data/b=2", "/data/c=3", "/data/d=4");
        }
        else
        {
            (await engine.RunAsync(session, "ls /data; echo lost > /data/d")).ShouldBe("");
            await EndsAsync(engine, context, session, "/data/a=2", "/data/b=2", "/data/c=3");
        }
    }

    [Theory]
    [InlineData(MountKind.Overlay, FaultPoint.MountFrozen, false)]
    [InlineData(MountKind.Overlay, FaultPoint.MountRegistered, false)]
    [InlineData(MountKind.Overlay, FaultPoint.MountPrepared, false)]
    [InlineData(MountKind.Overlay, FaultPoint.MountAttached, true)]
    [InlineData(MountKind.Copy, FaultPoint.MountRegistered, false)]
    [InlineData(MountKind.Copy, FaultPoint.MountAttached, true)]
    public async Task A_switch_that_is_killed_shows_the_old_version_or_the_new_one(MountKind kind, string point, bool isNew)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session) = await PrepareAsync(engine, isMounted: true);
        await engine.RunAsync(session, "echo 3 > /data/c");

        await CrashTests.CrashAsync(engine, "switch", session, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        (await engine.Service.ListMountsAsync(session, Token)).ShouldHaveSingleItem().Version.ShouldBe(isNew ? 1 : 2);
        (await engine.RunAsync(session, "cat /data/*; echo 4 > /data/d")).ShouldBe(isNew ? "1\n" : "2\n2\n3\n");
        await EndsAsync(engine, context, session, "/data/a=2", "/data/b=2", "/data/c=3", "/data/d=4");
    }

    [Fact]
    public async Task A_session_that_ends_in_the_middle_of_a_switch_keeps_the_changes_after_it()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, session) = await PrepareAsync(engine, isMounted: true);

        await CrashTests.CrashAsync(engine, "switch", session, FaultPoint.MountAttached);
        await engine.RunAsync(session, "echo 4 > /data/d");
        engine.Reopen();
        await EndsAsync(engine, context, session, "/data/a=2", "/data/b=2", "/data/d=4");
    }

    /// <summary>A context with two versions, and a session with the newest or without it.</summary>
    private static async Task<(AgbContext Context, AgbSession Session)> PrepareAsync(EngineFixture engine, bool isMounted)
    {
        var context = await engine.Service.CreateContextAsync("crash", cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "echo 1 > /data/a");
        await engine.SyncAsync(maker);
        await engine.RunAsync(maker, "echo 2 > /data/a; echo 2 > /data/b");
        await engine.RemoveAsync(maker);
        return (context, isMounted ? await engine.SessionAsync(context.Id) : await engine.Service.CreateSessionAsync(new AgbSessionRequest(), Token));
    }

    /// <summary>Releases the session. The context then holds the files, and nothing is left over.</summary>
    private static async Task EndsAsync(EngineFixture engine, AgbContext context, AgbSession session, params string[] files)
    {
        await engine.RemoveAsync(session);
        engine.Content(context.Id).Where(e => e.Key != "/data").Select(e => e.Key).ShouldBe(files.Select(f => f.Split('=')[0]));
        foreach (var file in files.Select(f => f.Split('=')))
        {
            engine.Content(context.Id)[file[0]].ShouldBe(ContextSnapshot.File(file[1] + "\n"));
        }
        await CrashTests.ShouldBeTidyAsync(engine);
    }
}
