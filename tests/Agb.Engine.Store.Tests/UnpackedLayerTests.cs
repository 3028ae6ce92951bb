namespace Agb.Engine.Store.Tests;

/// <summary>Archives are unpacked once for a version and a policy, and all sessions with both share the result.</summary>
public sealed class UnpackedLayerTests
{
    private const string Make = "mkdir /tmp/p; echo inner > /tmp/p/inner; tar -C /tmp -czf /data/p.tar.gz p; rm -r /tmp/p";

    private static readonly AgbSyncPolicy s_archive = new() { Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.TrustedOverlay)]
    [InlineData(MountKind.Copy)]
    public async Task Sessions_share_one_unpacked_tree_and_change_their_own_view_of_it(MountKind kind)
    {
        Assert.SkipUnless(kind != MountKind.TrustedOverlay || Environment.IsPrivilegedProcess, "Only root's engine mounts with trusted marks.");
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await StoreAsync(engine, "mkdir d; echo old > d/f; echo keep > g", s_archive);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => engine.SessionAsync(context.Id, policy: s_archive)));
        Unpacked(engine).ShouldHaveSingleItem();

        await engine.RunAsync(sessions[0], "cd /data; echo new > d/f; rm g; mv d e");
        (await engine.RunAsync(sessions[1], "cd /data; cat d/f g")).ShouldBe("old\nkeep\n");
        await engine.SyncAsync(sessions[0]);
        (await engine.RunAsync(sessions[1], "cd /data; cat d/f g")).ShouldBe("old\nkeep\n");
        var after = await engine.SessionAsync(context.Id, policy: s_archive);
        (await engine.RunAsync(after, "cd /data; cat e/f; ls")).ShouldBe("new\ne\n");
        Unpacked(engine).Length.ShouldBe(2, "the earlier version has sessions");
        foreach (var session in sessions)
        {
            await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        }
        await engine.Service.RecoverAsync();
        Unpacked(engine).ShouldHaveSingleItem();
        (await engine.RunAsync(after, "cat /data/e/f")).ShouldBe("new\n");
    }

    [Fact]
    public async Task A_layer_stays_for_the_next_session_for_a_week()
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay, time);
        var context = await StoreAsync(engine, Make);
        await StartAndEndAsync(engine, context);
        var made = Unpacked(engine).ShouldHaveSingleItem();
        time.Advance(UnpackedLayers.KeepUnused - TimeSpan.FromHours(1));
        await engine.Service.RecoverAsync();
        await StartAndEndAsync(engine, context);
        Unpacked(engine).ShouldBe([made]);
        time.Advance(UnpackedLayers.KeepUnused - TimeSpan.FromHours(1));
        await engine.Service.RecoverAsync();
        Unpacked(engine).ShouldBe([made], "its last use counts");
        time.Advance(TimeSpan.FromHours(2));
        await engine.Service.RecoverAsync();
        Directory.EnumerateFileSystemEntries(Place(engine)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_removed_context_and_another_boot_leave_no_layer()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await StoreAsync(engine, Make);
        await StartAndEndAsync(engine, context);
        var record = Path.Combine(Unpacked(engine).ShouldHaveSingleItem(), "made");
        await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record, Token)).Replace(ProcessTable.ReadBootId(), "another", StringComparison.Ordinal), Token);
        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, "cat /data/p/p/inner")).ShouldBe("inner\n");
        await engine.RemoveAsync(session);
        await engine.Service.RecoverAsync();
        Unpacked(engine).ShouldHaveSingleItem().ShouldNotBe(Path.GetDirectoryName(record));
        await engine.Service.RemoveContextAsync(context, cancellationToken: Token);
        await engine.Service.RecoverAsync();
        Directory.EnumerateFileSystemEntries(Place(engine)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_policy_and_a_refused_archive_have_layers_of_their_own()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await StoreAsync(engine, Make + "; echo damaged > /data/bad.zip");
        for (var i = 0; i < 2; i++)
        {
            var session = await engine.SessionAsync(context.Id);
            (await engine.Service.GetSyncStatusAsync(session, cancellationToken: Token)).ShouldHaveSingleItem().Warnings.ShouldHaveSingleItem().ShouldContain("bad.zip");
            (await engine.RunAsync(session, "ls /data")).ShouldBe("bad.zip\np\n");
        }
        var kept = await engine.SessionAsync(context.Id, policy: new AgbSyncPolicy { Extract = new AgbExtractPolicy { DeleteSrcFile = false } });
        (await engine.RunAsync(kept, "ls /data")).ShouldBe("bad.zip\np\np.tar.gz\n");
        Unpacked(engine).Length.ShouldBe(2);
    }

    [Theory]
    [InlineData(FaultPoint.ArchiveUnpacked)]
    [InlineData(FaultPoint.ArchiveShared)]
    public async Task A_start_that_is_killed_leaves_no_half_of_a_layer(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await StoreAsync(engine, Make);
        await CrashTests.CrashAsync(engine.Home, engine.Kind, "create", context.Id, point);
        var isDone = point == FaultPoint.ArchiveShared;
        (await AgbStore.CheckAsync(engine.Home, cancellationToken: Token)).Problems.Count(p => p.Path?.StartsWith("unpacked/", StringComparison.Ordinal) == true)
            .ShouldBe(isDone ? 0 : 1);
        engine.Reopen();
        await engine.Service.RecoverAsync();
        Unpacked(engine).Length.ShouldBe(isDone ? 1 : 0);
        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, "cat /data/p/p/inner")).ShouldBe("inner\n");
        await engine.RemoveAsync(session);
        Directory.EnumerateFileSystemEntries(engine.Service.Parts.Paths.Sessions).ShouldBeEmpty();
        (await AgbStore.CheckAsync(engine.Home, cancellationToken: Token)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_session_without_its_unpacked_files_is_no_session_without_files()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await StoreAsync(engine, "echo 1 > f; echo 2 > g", s_archive);
        var session = await engine.SessionAsync(context.Id, policy: s_archive);
        Directory.Move(Place(engine), Place(engine) + "-away");
        (await AgbStore.CheckAsync(engine.Home, cancellationToken: Token)).Problems.ShouldContain(p => p.Kind == AgbStoreProblemKind.SessionTreeMissing);
        await engine.Service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        (await engine.Service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token)).Single(t => t.TaskType == AgbSyncTaskType.Upload)
            .Status.ShouldBe(AgbSyncTaskStatus.Failed);
        Directory.Move(Place(engine) + "-away", Place(engine));
        (await engine.SyncAsync(session)).Single(t => t.TaskType == AgbSyncTaskType.Upload).Version.ShouldBeNull();
    }

    private static async Task<AgbContext> StoreAsync(EngineFixture engine, string script, AgbSyncPolicy? policy = null)
    {
        var context = await engine.Service.CreateContextAsync("archives", cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id, policy: policy);
        await engine.RunAsync(maker, "cd /data; " + script);
        await engine.RemoveAsync(maker);
        return context;
    }

    private static async Task StartAndEndAsync(EngineFixture engine, AgbContext context)
    {
        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, "cat /data/p/p/inner")).ShouldBe("inner\n");
        await engine.RemoveAsync(session);
    }

    private static string Place(EngineFixture engine) => engine.Service.Parts.Paths.Unpacked;

    private static string[] Unpacked(EngineFixture engine) => Directory.GetDirectories(Place(engine));
}
