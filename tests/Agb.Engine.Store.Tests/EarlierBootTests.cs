using Agb.Engine.Store.Tests.Faults;

namespace Agb.Engine.Store.Tests;

/// <summary>Sessions of a boot before: what they wrote may be torn, and is not taken for what they made. A power cut is played here by
/// another boot in the catalog and by files cut short; <c>Agb.Soak power-cuts</c> makes real ones.</summary>
public sealed class EarlierBootTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MountKind> Kinds => [MountKind.Overlay, MountKind.Copy];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_removal_uploads_nothing_and_says_so(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session) = await CutAsync(engine);

        var shown = await engine.Service.GetSessionAsync(session, Token);
        shown.Status.ShouldBe(AgbSessionStatus.Failed);
        shown.FailureReason.ShouldNotBeNull().ShouldContain("The newest durable version: of 'cut' 1.");
        await engine.RemoveAsync(session);

        ShouldHold(engine, context, "first");
        var status = await engine.Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token);
        status.ShouldHaveSingleItem().Warnings.ShouldHaveSingleItem().ShouldContain("may be incomplete");
        (await engine.Service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        await ShouldBeSoundAsync(engine);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Time_that_is_over_uploads_nothing_and_removes_nothing(MountKind kind)
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(kind, time);
        var (context, session) = await CutAsync(engine);

        time.Advance(TimeSpan.FromDays(2));
        (await engine.Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Failed);

        ShouldHold(engine, context, "first");
        Directory.Exists(engine.Service.Parts.Paths.Session(session.SessionId)).ShouldBeTrue();
        (await Should.ThrowAsync<AgbException>(() => engine.RunAsync(session, "true"))).ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_session_whose_policy_uploads_nothing_ends_with_its_time(MountKind kind)
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(kind, time);
        var (context, session) = await CutAsync(engine, new AgbSyncPolicy { Upload = new AgbUploadPolicy { AutoUpload = false } });

        time.Advance(TimeSpan.FromDays(2));
        await engine.Service.RecoverAsync();
        (await engine.Service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        ShouldHold(engine, context, "first");
        Directory.Exists(engine.Service.Parts.Paths.Session(session.SessionId)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(MountKind.Overlay, true)]
    [InlineData(MountKind.Overlay, false)]
    [InlineData(MountKind.Copy, true)]
    [InlineData(MountKind.Copy, false)]
    public async Task What_is_asked_for_by_name_is_taken_where_it_is_whole(MountKind kind, bool byRemoval)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session) = await CutAsync(engine);

        if (byRemoval)
        {
            await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Upload, cancellationToken: Token);
        }
        else
        {
            var plan = await engine.Service.PlanSyncAsync(session, new AgbSyncRequest(), Token);
            plan.Where(p => p.Action != AgbSyncAction.Keep).ShouldAllBe(p => p.Path == "/data/kept");
            await engine.SyncAsync(session);
        }

        var status = (await engine.Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token)).ShouldHaveSingleItem();
        status.Status.ShouldBe(AgbSyncTaskStatus.Success);
        status.Skipped.Select(s => s[..s.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal)
            .ShouldBe(["changed", "deleted", "link", "new", "new-directory", "new-directory/below"]);
        status.Files.ShouldBe(1);
        ShouldHold(engine, context, "first");
        var kept = engine.Service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, context.Id));
        using var head = MergedDirectory.Open(LayerStack.Parse(kept).Select(engine.Service.Parts.Paths.LayerTree), "data");
        head.Lookup("kept")!.Value.Permissions.ShouldBe(0x180u);
        if (!byRemoval)
        {
            // The session is still there, and lists the rest again.
            await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Upload, cancellationToken: Token);
            ShouldHold(engine, context, "first");
        }
        await ShouldBeSoundAsync(engine);
    }

    /// <summary>A rename is a mark in the session's tree that may have come without the other half, or not at all.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renamed_directories_stay_out_under_both_names(bool byRemoval)
    {
        await using var engine = await RenameTests.CreateAsync();
        var context = await RenameTests.MakeAsync(engine);
        var copied = await engine.SessionAsync(context.Id);
        await engine.RunAsync(copied, "cd /data; cp -a src/deep same");
        await engine.RemoveAsync(copied);
        var before = engine.Content(context.Id);
        var session = await engine.SessionAsync(context.Id);
        // To a new name, and to one under which the newest version has the same.
        await engine.RunAsync(session, RenameTests.Rename + "rm -r same; R src/deep same; R other new; echo torn > new/torn; chmod 600 src/a");
        await StopAsync(engine, session);
        engine.Service.Dispose();
        await File.WriteAllTextAsync(Path.Combine(engine.Home, "sessions", session.SessionId, "m0", "upper", "new", "torn"), "", Token);
        MoveToAnotherBoot(engine.Home, session.SessionId);
        engine.Reopen();

        var plan = await engine.Service.PlanSyncAsync(session, new AgbSyncRequest(), Token);
        plan.Where(p => p.Action != AgbSyncAction.Keep).Select(p => p.Path).ShouldBe(["/data/src/a"]);
        if (byRemoval)
        {
            await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Upload, cancellationToken: Token);
        }
        else
        {
            await engine.SyncAsync(session);
        }
        var status = (await engine.Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token)).ShouldHaveSingleItem();
        status.Status.ShouldBe(AgbSyncTaskStatus.Success);
        status.Skipped.Select(s => s[..s.IndexOf(':', StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal)
            .ShouldBe(["new", "new/o", "new/torn", "other", "same", "same/b", "same/er", "same/er/c", "src/deep"]);
        before["/data/src/a"] = ContextSnapshot.File("a\n", 0x180);
        string.Join('\n', engine.Content(context.Id)).ShouldBe(string.Join('\n', before));
        await ShouldBeSoundAsync(engine);
    }

    [Theory]
    [InlineData(MountKind.Overlay, FaultPoint.SessionStopped, false)]
    [InlineData(MountKind.Overlay, FaultPoint.StagingWritten, false)]
    [InlineData(MountKind.Overlay, FaultPoint.LayerPlaced, false)]
    [InlineData(MountKind.Overlay, FaultPoint.LayerFlushed, false)]
    [InlineData(MountKind.Overlay, FaultPoint.VersionRecorded, true)]
    [InlineData(MountKind.Copy, FaultPoint.LayerPlaced, false)]
    [InlineData(MountKind.Copy, FaultPoint.VersionRecorded, true)]
    public async Task A_release_that_was_cut_off_is_carried_on_once_its_upload_is_durable(MountKind kind, string point, bool isRecorded)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("cut", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "echo whole > /data/f");
        await CrashTests.CrashAsync(engine, "release", session, point);
        engine.Service.Dispose();
        MoveToAnotherBoot(engine.Home, session.SessionId);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        var sessions = await engine.Service.ListSessionsAsync(null, Token).ToArrayAsync(Token);
        if (isRecorded)
        {
            sessions.ShouldBeEmpty();
            engine.Content(context.Id).ShouldContainKeyAndValue("/data/f", ContextSnapshot.File("whole\n"));
        }
        else
        {
            sessions.ShouldHaveSingleItem().Status.ShouldBe(AgbSessionStatus.Failed);
            sessions[0].FailureReason.ShouldNotBeNull().ShouldContain("of 'cut' none");
            await engine.RemoveAsync(session);
            engine.Content(context.Id).ShouldBeEmpty();
        }
        await ShouldBeSoundAsync(engine);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_session_that_died_in_this_boot_is_uploaded_whole(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("cut", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "echo whole > /data/f");
        await StopAsync(engine, session);
        engine.Reopen();

        await engine.RemoveAsync(session);
        engine.Content(context.Id).ShouldContainKeyAndValue("/data/f", ContextSnapshot.File("whole\n"));
    }

    [Fact]
    public async Task A_power_cut_in_a_collection_leaves_no_layer_without_a_row()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Copy);
        var context = await engine.Service.CreateContextAsync("cut", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "echo x > /data/f");
        await engine.RemoveAsync(session);
        var order = new List<string>();
        using (FaultSeam.Arm(engine.Home, new Recorder(order)))
        {
            await engine.Service.RemoveContextAsync(context, Token);
            FaultSweep.RemoveCondemned(engine.Service);
        }

        // On the device the files are gone before the catalog can forget them.
        var flushed = order.FindLastIndex(o => o.TrimEnd('/') == $"fsync {engine.Home}/layers");
        flushed.ShouldBeGreaterThan(order.FindLastIndex(o => o.StartsWith($"remove {engine.Home}/layers/", StringComparison.Ordinal)));
        order.FindLastIndex(o => o.StartsWith("commit", StringComparison.Ordinal)).ShouldBeGreaterThan(flushed);
        await ShouldBeSoundAsync(engine);
    }

    /// <summary>A session synced, wrote on, and the power went: of what came after the sync only the metadata is there.</summary>
    private static async Task<(AgbContext Context, AgbSession Session)> CutAsync(EngineFixture engine, AgbSyncPolicy? policy = null)
    {
        var context = await engine.Service.CreateContextAsync("cut", cancellationToken: Token);
        var session = await engine.Service.CreateSessionAsync(
            new AgbSessionRequest
            {
                ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = "/data", Policy = policy ?? new AgbSyncPolicy() }],
                MaxLifetime = TimeSpan.FromDays(1),
            },
            Token);
        await engine.RunAsync(session, "cd /data; for f in changed deleted kept; do echo first > $f; done; ln -s first link");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, "cd /data; echo second > changed; rm deleted; chmod 600 kept; ln -sfn second link; echo new > new; mkdir new-directory; echo x > new-directory/below");
        await StopAsync(engine, session);
        engine.Service.Dispose();
        var tree = Path.Combine(engine.Home, "sessions", session.SessionId, "m0", engine.Kind == MountKind.Overlay ? "upper" : "data");
        foreach (var torn in (string[])["changed", "new", "new-directory/below"])
        {
            await File.WriteAllTextAsync(Path.Combine(tree, torn), "", Token);
        }
        MoveToAnotherBoot(engine.Home, session.SessionId);
        engine.Reopen();
        return (context, session);
    }

    private static void ShouldHold(EngineFixture engine, AgbContext context, string content)
    {
        var held = engine.Content(context.Id);
        held.Keys.ShouldBe(["/data", "/data/changed", "/data/deleted", "/data/kept", "/data/link"]);
        using var head = MergedDirectory.Open(
            LayerStack.Parse(engine.Service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, context.Id))).Select(engine.Service.Parts.Paths.LayerTree), "data");
        foreach (var name in (string[])["changed", "deleted", "kept"])
        {
            File.ReadAllText(Path.Combine(head.HolderOf(name).Path, name)).ShouldBe(content + "\n");
        }
        head.HolderOf("link").ReadLinkAt("link").ShouldBe(content);
    }

    private static async Task StopAsync(EngineFixture engine, AgbSession session)
    {
        var row = engine.Service.Parts.Catalog.Read(tx => SessionTable.Find(tx, session.SessionId));
        await engine.Service.Parts.Driver.StopAsync(row!.Handle()!, Token);
    }

    /// <summary>Has the catalog and the session's directory name another boot.</summary>
    private static void MoveToAnotherBoot(string home, string sessionId)
    {
        var (boot, other) = (ProcessTable.ReadBootId(), Guid.NewGuid().ToString());
        using (var catalog = CatalogDb.Open(Path.Combine(home, "catalog.db")))
        {
            catalog.Write(tx => tx.Execute(
                "UPDATE sessions SET owner = replace(owner, $boot, $other), sandbox = replace(sandbox, $boot, $other)", ("$boot", boot), ("$other", other)));
        }
        var launch = Path.Combine(home, "sessions", sessionId, "launch.json");
        if (File.Exists(launch))
        {
            File.WriteAllText(launch, File.ReadAllText(launch).Replace(boot, other, StringComparison.Ordinal));
        }
    }

    private static async Task ShouldBeSoundAsync(EngineFixture engine) =>
        (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();

    private sealed class Recorder(List<string> order) : IFaults
    {
        public long Reach(string operation, string path, long count)
        {
            lock (order)
            {
                order.Add($"{operation} {path}");
            }
            return count;
        }
    }
}
