namespace Agb.Engine.Store.Tests;

/// <summary>Kills the process at every step of an upload as an archive, of recycling, and in a download. A reader sees the old version or the
/// new one; afterwards nothing is left over and the work can be done again.</summary>
public sealed class PolicyCrashTests
{
    private static readonly string[] s_recorded = [FaultPoint.VersionRecorded, FaultPoint.MarkerRemoved];
    private static readonly AgbSyncPolicy s_archive = new() { Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive } };
    private static readonly AgbSyncPolicy s_oneDay = new() { Recycle = new AgbRecyclePolicy { Lifecycle = AgbLifecycle.Lifecycle_1Day } };

    public static TheoryData<MountKind, string, string> ArchivePoints
    {
        get
        {
            var data = new TheoryData<MountKind, string, string>();
            foreach (var point in (string[])
                [
                    FaultPoint.StagingMarked, FaultPoint.StagingWritten, FaultPoint.StagingRebased, FaultPoint.ArchivePacked, FaultPoint.LayerPlaced,
                    FaultPoint.LayerFlushed, FaultPoint.VersionRecorded, FaultPoint.MarkerRemoved,
                ])
            {
                data.Add(MountKind.Overlay, "sync", point);
                data.Add(MountKind.Copy, "sync", point);
                data.Add(MountKind.Overlay, "release", point);
            }
            return data;
        }
    }

    public static TheoryData<string> RecyclePoints =>
    [
        FaultPoint.StagingMarked, FaultPoint.StagingWritten, FaultPoint.LayerPlaced, FaultPoint.LayerFlushed, FaultPoint.VersionRecorded,
        FaultPoint.MarkerRemoved,
    ];

    [Theory]
    [MemberData(nameof(ArchivePoints))]
    public async Task An_upload_as_an_archive_that_is_killed_leaves_the_old_tree_or_the_new_one(MountKind kind, string operation, string point)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("archive", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id, policy: s_archive);
        await engine.RunAsync(maker, "cd /data; mkdir d x; echo old > a; echo old > d/b; echo old > x/y");
        await engine.RemoveAsync(maker);
        var session = await engine.SessionAsync(context.Id, policy: s_archive);
        await engine.RunAsync(session, "cd /data; echo new > a; rm -r d; echo new > c; mv x z");

        await CrashAsync(engine, operation, session.SessionId, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();
        (await LookAsync(engine, context)).ShouldBe(operation == "release" || s_recorded.Contains(point) ? "a=new c=new z/y=old " : "a=old d/b=old x/y=old ");
        if (operation == "sync")
        {
            await engine.RemoveAsync(session);
            (await LookAsync(engine, context)).ShouldBe("a=new c=new z/y=old ");
        }
        await engine.Service.RecoverAsync();
        ShouldBeTidy(engine);
    }

    [Theory]
    [MemberData(nameof(RecyclePoints))]
    public async Task Recycling_that_is_killed_is_done_by_the_next_who_looks(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("recycled", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id, policy: s_oneDay);
        await engine.RunAsync(maker, "mkdir /data/d; echo x > /data/a; echo x > /data/d/b");
        await engine.RemoveAsync(maker);

        await CrashAsync(engine, "two-days-later", context.Id, point);
        engine.Reopen();
        engine.Content(context.Id).Keys.ShouldBe(s_recorded.Contains(point) ? ["/data"] : ["/data", "/data/a", "/data/d", "/data/d/b"]);

        // Once more, and nobody dies.
        (await CrashTests.RunHostAsync(engine.Home, engine.Kind, "two-days-later", context.Id, "none")).ExitCode.ShouldBe(0);
        engine.Reopen();
        engine.Content(context.Id).Keys.ShouldBe(["/data"]);
        (await engine.Service.ListContextVersionsAsync(context, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken))
            .ShouldBe(2);
        await engine.Service.RecoverAsync();
        ShouldBeTidy(engine);
    }

    [Theory]
    [InlineData(MountKind.Overlay, "sync")]
    [InlineData(MountKind.Copy, "sync")]
    [InlineData(MountKind.Overlay, "release")]
    [InlineData(MountKind.Copy, "release")]
    public async Task A_download_that_is_killed_leaves_no_half_a_file_and_no_layer(MountKind kind, string next)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("downloaded", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "mkdir /data/d; echo old > /data/d/a");
        await engine.SyncAsync(maker);
        // With a white list what is stored is shown through a layer, here and in the download.
        var session = await engine.SessionAsync(context.Id, policy: new AgbSyncPolicy { WhiteLists = [new AgbWhiteList { Path = "d" }] });
        await engine.RunAsync(maker, "echo new > /data/d/a; echo x > /data/unlisted");
        await engine.SyncAsync(maker);

        await CrashAsync(engine, "download", session.SessionId, DownloadMark.FileCopied);
        engine.Reopen();
        (await engine.RunAsync(session, "ls -A /data/d")).ShouldContain(".agb-download-");
        if (next == "sync")
        {
            await engine.Service.StartSyncAsync(session, new AgbSyncRequest(), TestContext.Current.CancellationToken);
            (await engine.Service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: TestContext.Current.CancellationToken))
                .Single(t => t.TaskType == AgbSyncTaskType.Upload)
                .ShouldSatisfyAllConditions(t => t.Status.ShouldBe(AgbSyncTaskStatus.Success), t => t.Version.ShouldBeNull());
            (await engine.RunAsync(session, "ls -A /data/d; cat /data/d/a")).ShouldBe("a\nold\n");
            Directory.EnumerateDirectories(engine.Service.Parts.Paths.Session(session.SessionId), "*.given-*").ShouldBeEmpty();
            await engine.SyncAsync(session, AgbSyncTaskType.Download);
            (await engine.RunAsync(session, "ls -A /data/d; cat /data/d/a")).ShouldBe("a\nnew\n");
        }
        await engine.RemoveAsync(session);
        await engine.RemoveAsync(maker);
        engine.Content(context.Id).Keys.ShouldBe(["/data", "/data/d", "/data/d/a", "/data/unlisted"]);
        await engine.Service.RecoverAsync();
        ShouldBeTidy(engine);
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_session_that_downloads_often_keeps_one_record_of_it(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("often", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id);
        var session = await engine.SessionAsync(context.Id);
        for (var i = 0; i < 4; i++)
        {
            await engine.RunAsync(maker, $"echo {i} > /data/f{i}");
            await engine.SyncAsync(maker);
            await engine.SyncAsync(session, AgbSyncTaskType.Download);
        }
        Directory.EnumerateFiles(engine.Service.Parts.Paths.Mount(session.SessionId, "m0"), "manifest.*").ShouldHaveSingleItem();
        (await engine.RunAsync(session, "cat /data/f*")).ShouldBe("0\n1\n2\n3\n");
        (await engine.SyncAsync(session)).Single(t => t.TaskType == AgbSyncTaskType.Upload).Version.ShouldBeNull();
    }

    private static async Task<string> LookAsync(EngineFixture engine, AgbContext context)
    {
        var session = await engine.SessionAsync(context.Id, policy: s_archive);
        var seen = await engine.RunAsync(session, "cd /data; find . -type f -printf '%P\\n' | LC_ALL=C sort | while read f; do printf '%s=%s ' $f $(cat $f); done");
        await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: TestContext.Current.CancellationToken);
        return seen;
    }

    private static Task CrashAsync(EngineFixture engine, string operation, string id, string point) =>
        CrashTests.CrashAsync(engine.Home, engine.Kind, operation, id, point);

    private static void ShouldBeTidy(EngineFixture engine)
    {
        var paths = engine.Service.Parts.Paths;
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(paths.Sessions).ShouldBeEmpty();
        var known = engine.Service.Parts.Catalog.Read(tx => tx.Query("SELECT id FROM layers ORDER BY id", r => r.GetString(0)));
        Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ShouldBe(known);
    }
}
