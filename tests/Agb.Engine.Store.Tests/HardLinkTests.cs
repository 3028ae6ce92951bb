namespace Agb.Engine.Store.Tests;

/// <summary>Names of one file that an earlier version stored. On an overlay the first write by one of them parts it from the others, because
/// overlays are mounted without an index; in a copy they stay one file. The next version is what the session showed.</summary>
public sealed class HardLinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MountKind.Overlay, "old new old")]
    [InlineData(MountKind.UserOverlay, "old new old")]
    [InlineData(MountKind.Copy, "new new new")]
    public async Task A_write_by_one_name(MountKind kind, string expected)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("links", cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "cd /data; echo old > a; ln a b; ln a c");
        await engine.RemoveAsync(maker);
        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, "cd /data; stat -c %h a")).ShouldBe("3\n");
        const string Show = "cd /data; echo $(cat a) $(cat b) $(cat c)";
        (await engine.RunAsync(session, "echo new > /data/b; " + Show)).ShouldBe(expected + "\n");
        await engine.RemoveAsync(session);

        var next = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(next, Show)).ShouldBe(expected + "\n");
        (await engine.RunAsync(next, "cd /data; [ a -ef c ] && echo one")).ShouldBe("one\n");
        await engine.RemoveAsync(next);
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.UserOverlay)]
    [InlineData(MountKind.Copy)]
    public async Task Names_that_one_session_made_stay_one_file(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("links", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "cd /data; echo old > a; ln a b");
        await engine.SyncAsync(session);
        (await engine.RunAsync(session, "cd /data; echo new > b; cat a")).ShouldBe("new\n");
        await engine.RemoveAsync(session);
        engine.Content(context.Id)["/data/a"].ShouldBe(ContextSnapshot.File("new\n"));
    }

    /// <summary>A download that replaces or removes one name changes the change time that all names share; the others are still untouched.</summary>
    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.UserOverlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_download_that_takes_one_name_away_leaves_the_others_untouched(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("links", cancellationToken: Token);
        var writer = await engine.SessionAsync(context.Id);
        await engine.RunAsync(writer, "cd /data; echo 0 > z");
        await engine.SyncAsync(writer);
        var reader = await engine.SessionAsync(context.Id);
        foreach (var change in (string[])["echo 1 > a; ln a b; ln a c", "echo 2 >> b", "rm a; echo 3 > a; rm b", "ln c d; chmod 600 c"])
        {
            await engine.RunAsync(writer, "cd /data; " + change);
            await engine.SyncAsync(writer);
            var task = (await engine.SyncAsync(reader, AgbSyncTaskType.Download)).Single(t => t.TaskType == AgbSyncTaskType.Download);
            task.Skipped.ShouldBeEmpty(change);
            const string Show = "cd /data; stat -c '%n %a %h' *; cat *";
            (await engine.RunAsync(reader, Show)).ShouldBe(await engine.RunAsync(writer, Show), change);
        }
        (await engine.SyncAsync(reader)).Single(t => t.TaskType == AgbSyncTaskType.Upload).Version.ShouldBeNull();
    }
}
