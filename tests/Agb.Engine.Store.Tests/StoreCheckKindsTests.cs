namespace Agb.Engine.Store.Tests;

/// <summary>Whatever policies and changes make of a store is sound to a check: while sessions use it, and after.</summary>
public sealed class StoreCheckKindsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task Archives_given_files_lists_changes_restored_cleared_and_recycled_versions(MountKind kind)
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(kind, time);
        await RecycleAsync(engine, time);
        await ChangeRestoreAndClearAsync(engine);
        AgbSession[] sessions =
        [
            await ReturnAsync(engine, "archived", "echo zipped > /data/f", new AgbSyncPolicy { Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive } }),
            await ReturnAsync(engine, "unpacked", "mkdir /tmp/p; echo inner > /tmp/p/inner; tar -C /tmp -czf /data/p.tar.gz p", new AgbSyncPolicy()),
            await ReturnAsync(engine, "listed", "mkdir /data/a; echo a > /data/a/x; echo hidden > /data/b", new AgbSyncPolicy(), new AgbWhiteList { Path = "a" }),
        ];
        (await engine.RunAsync(sessions[1], "find /data -name inner | wc -l")).ShouldBe("1\n", "the archive was unpacked");
        (await engine.RunAsync(sessions[2], "ls /data")).ShouldBe("a\n");
        await ShouldBeSoundAsync(engine);
        foreach (var session in sessions)
        {
            await engine.RunAsync(session, "mkdir -p /data/a; echo new > /data/a/new");
            await engine.SyncAsync(session);
        }
        await ShouldBeSoundAsync(engine);
        foreach (var session in sessions)
        {
            await engine.RunAsync(session, "rm /data/a/new");
            await engine.RemoveAsync(session);
        }
        await ShouldBeSoundAsync(engine);
    }

    private static async Task RecycleAsync(EngineFixture engine, TestClock time)
    {
        var policy = new AgbSyncPolicy { Recycle = new AgbRecyclePolicy { Lifecycle = AgbLifecycle.Lifecycle_1Day } };
        var context = await engine.Service.CreateContextAsync("recycled", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id, policy: policy);
        await engine.RunAsync(session, "mkdir /data/d; echo x > /data/d/x");
        await engine.RemoveAsync(session);
        time.Advance(TimeSpan.FromDays(2));
        await engine.Service.ListContextFilesAsync(context, new AgbContextFileQuery(), Token).CountAsync(Token);
        (await engine.Service.ListContextVersionsAsync(context, Token).Select(v => v.Origin).ToArrayAsync(Token))
            .ShouldBe([AgbVersionOrigin.Recycle, AgbVersionOrigin.Upload]);
    }

    private static async Task ChangeRestoreAndClearAsync(EngineFixture engine)
    {
        var context = await StoredFileTests.MakeAsync(engine, StoredFileTests.Put("/data/a"), StoredFileTests.Put("/data/d/b"));
        await StoredFileTests.ChangeAsync(engine, context, new AgbContextFileChange.Remove("/data/d", Recurse: true), new AgbContextFileChange.Link("/data/d", "a"));
        await engine.Service.ClearContextAsync(context, cancellationToken: Token);
        await engine.Service.RestoreContextAsync(context, 1, Token);
        await engine.Service.ClearContextAsync(context, cancellationToken: Token);
    }

    /// <summary>Stores something in a context of its own, and gives it to another session.</summary>
    private static async Task<AgbSession> ReturnAsync(EngineFixture engine, string name, string command, AgbSyncPolicy policy, params AgbWhiteList[] listed)
    {
        var context = await engine.Service.CreateContextAsync(name, cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id, policy: policy);
        await engine.RunAsync(maker, command);
        await engine.RemoveAsync(maker);
        return await engine.SessionAsync(context.Id, policy: policy with { WhiteLists = listed });
    }

    private static async Task ShouldBeSoundAsync(EngineFixture engine)
    {
        foreach (var deep in (bool[])[false, true])
        {
            var report = await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = deep }, Token);
            report.Problems.ShouldBeEmpty();
            (report.LayersWithoutSums, report.FilesWithoutHash).ShouldBe((0, 0));
        }
    }
}
