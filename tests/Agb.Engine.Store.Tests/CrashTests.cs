using System.Diagnostics;

namespace Agb.Engine.Store.Tests;

/// <summary>Kills the process at every step of an upload and a release. Before recovery a reader sees the old version or
/// the new one, never a mixture; after it nothing is left over, and the work can be done again.</summary>
public sealed class CrashTests
{
    private const int KilledExitCode = 137;

    private static readonly string[] s_uploadPoints =
    [
        FaultPoint.StagingMarked, FaultPoint.StagingWritten, FaultPoint.StagingRebased, FaultPoint.LayerSealed, FaultPoint.LayerPlaced,
        FaultPoint.LayerFlushed, FaultPoint.VersionRecorded, FaultPoint.MarkerRemoved,
    ];

    private static readonly string[] s_recordedPoints =
        [FaultPoint.VersionRecorded, FaultPoint.MarkerRemoved, FaultPoint.SessionFilesRemoved];

    public static TheoryData<MountKind, string> SyncPoints => Points(s_uploadPoints);

    public static TheoryData<MountKind, string> ReleasePoints =>
        Points([FaultPoint.SessionStopped, .. s_uploadPoints, FaultPoint.SessionFilesRemoved]);

    [Theory]
    [MemberData(nameof(SyncPoints))]
    public async Task A_sync_that_is_killed_leaves_the_old_version_or_the_new_one(MountKind kind, string point)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session, old, changed) = await PrepareAsync(engine, renames: true);

        await CrashAsync(engine, "sync", session, point);
        engine.Reopen();
        ShouldBe(engine, context, s_recordedPoints.Contains(point) ? changed : old);

        var status = await engine.Service.GetSyncStatusAsync(
            session, taskType: AgbSyncTaskType.Upload, cancellationToken: TestContext.Current.CancellationToken);
        status.ShouldHaveSingleItem().Status.ShouldBe(AgbSyncTaskStatus.Failed);
        await engine.Service.RecoverAsync();
        Directory.EnumerateFileSystemEntries(Path.Combine(engine.Home, "staging")).ShouldBeEmpty();

        await engine.SyncAsync(session);
        ShouldBe(engine, context, changed);
        (await engine.RunAsync(session, "cat /data/a")).ShouldBe("changed");
        await engine.RemoveAsync(session);
        ShouldBe(engine, context, changed);
        await ShouldBeTidyAsync(engine);
    }

    public static TheoryData<string> RenamePoints => [FaultPoint.SessionStopped, .. s_uploadPoints, FaultPoint.SessionFilesRemoved];

    [Theory]
    [MemberData(nameof(RenamePoints))]
    public async Task A_release_of_a_renamed_directory_that_is_killed_is_finished(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, session, old, changed) = await PrepareAsync(engine, renames: true);

        await CrashAsync(engine, "release", session, point);
        engine.Reopen();
        ShouldBe(engine, context, s_recordedPoints.Contains(point) ? changed : old);
        await ShouldBeReleasedAsync(engine, session);
        ShouldBe(engine, context, changed);
        await ShouldBeTidyAsync(engine);
    }

    [Theory]
    [MemberData(nameof(ReleasePoints))]
    public async Task A_release_that_is_killed_is_finished_by_the_next_process(MountKind kind, string point)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session, old, changed) = await PrepareAsync(engine);

        await CrashAsync(engine, "release", session, point);
        engine.Reopen();
        ShouldBe(engine, context, s_recordedPoints.Contains(point) ? changed : old);

        // The first operation recovers, and carries on with the release, unless another service is at it already.
        await ShouldBeReleasedAsync(engine, session);
        ShouldBe(engine, context, changed);
        await ShouldBeTidyAsync(engine);
    }

    [Theory]
    [InlineData(MountKind.Overlay, FaultPoint.SessionStopped)]
    [InlineData(MountKind.Overlay, FaultPoint.StagingWritten)]
    [InlineData(MountKind.Overlay, FaultPoint.LayerFlushed)]
    [InlineData(MountKind.Overlay, FaultPoint.VersionRecorded)]
    [InlineData(MountKind.Copy, FaultPoint.StagingWritten)]
    public async Task A_release_that_is_killed_is_finished_by_a_process_that_was_there_before(MountKind kind, string point)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session, _, changed) = await PrepareAsync(engine);

        await CrashAsync(engine, "release", session, point);

        (await engine.Service.GetSessionAsync(session, TestContext.Current.CancellationToken)).Status.ShouldBe(AgbSessionStatus.Releasing);
        await engine.Service.SettleAsync();
        (await Should.ThrowAsync<AgbException>(() => engine.Service.GetSessionAsync(session, TestContext.Current.CancellationToken)))
            .ErrorId.ShouldBe(AgbErrorIds.SessionNotFound);
        ShouldBe(engine, context, changed);
        await ShouldBeTidyAsync(engine);
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_release_that_is_killed_after_its_upload_does_not_upload_again(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, session, _, changed) = await PrepareAsync(engine);
        await engine.SyncAsync(session);
        await engine.RunAsync(session, "printf more > /data/c");

        await CrashAsync(engine, "release", session, FaultPoint.VersionRecorded);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        changed["/data/c"] = ContextSnapshot.File("more");
        ShouldBe(engine, context, changed);
        var versions = await engine.Service.ListContextVersionsAsync(context, TestContext.Current.CancellationToken)
            .CountAsync(TestContext.Current.CancellationToken);
        versions.ShouldBe(3);
    }

    [Theory]
    [InlineData("release-sync", false, true)]
    [InlineData("release-discard", true, false)]
    public async Task A_release_that_is_killed_is_finished_as_it_was_asked_for(string operation, bool autoUpload, bool uploaded)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("asked", cancellationToken: TestContext.Current.CancellationToken);
        var session = await engine.SessionAsync(
            context.Id, policy: new AgbSyncPolicy { Upload = new AgbUploadPolicy { AutoUpload = autoUpload } });
        await engine.RunAsync(session, "echo x > /data/x");

        await CrashAsync(engine, operation, session, FaultPoint.SessionStopped);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        engine.Content(context.Id).ContainsKey("/data/x").ShouldBe(uploaded);
        await ShouldBeTidyAsync(engine);
    }

    [Theory]
    [InlineData(FaultPoint.StagingMarked)]
    [InlineData(FaultPoint.LayerSealed)]
    [InlineData(FaultPoint.LayerPlaced)]
    [InlineData(FaultPoint.VersionRecorded)]
    public async Task A_compaction_that_is_killed_changes_nothing_that_a_reader_sees(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("compacted", cancellationToken: TestContext.Current.CancellationToken);
        var session = await engine.SessionAsync(context.Id);
        for (var i = 0; i < Compactor.MaxDepth; i++)
        {
            await engine.RunAsync(session, $"echo {i} > /data/f{i}; rm -f /data/f{i - 3}");
            await engine.SyncAsync(session);
        }
        StackOf(engine, context).Length.ShouldBe(Compactor.MaxDepth);
        await engine.RunAsync(session, "echo last > /data/last");

        // The upload itself meets each point first; the compaction after it is the second.
        await CrashAsync(engine, "sync", session, point, occurrence: 2);
        engine.Reopen();
        var expected = engine.Content(context.Id);
        expected.Keys.ShouldBe(["/data", "/data/f21", "/data/f22", "/data/f23", "/data/last"]);
        await engine.Service.RecoverAsync();
        ShouldBe(engine, context, expected);

        await engine.RunAsync(session, "echo again > /data/again");
        await engine.SyncAsync(session);
        StackOf(engine, context).Length.ShouldBeLessThanOrEqualTo(Compactor.MaxDepth);
        expected["/data/again"] = ContextSnapshot.File("again\n");
        ShouldBe(engine, context, expected);
        await engine.RemoveAsync(session);
        await ShouldBeTidyAsync(engine);
    }

    private static TheoryData<MountKind, string> Points(string[] points)
    {
        var data = new TheoryData<MountKind, string>();
        foreach (var point in points)
        {
            data.Add(MountKind.Overlay, point);
            data.Add(MountKind.Copy, point);
        }
        return data;
    }

    /// <summary>A context with a first version, and a session on it that changed, added and deleted.</summary>
    internal static async Task<(AgbContext, AgbSession, SortedDictionary<string, string> Old, SortedDictionary<string, string> Changed)>
        PrepareAsync(EngineFixture engine, bool renames = false)
    {
        var context = await engine.Service.CreateContextAsync("crash", cancellationToken: TestContext.Current.CancellationToken);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "cd /data && printf old > a && printf b > b && mkdir d && printf x > d/x && printf y > d/y && mkdir -p e/f && printf g > e/f/g");
        await engine.RemoveAsync(maker);
        var old = engine.Content(context.Id);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(
            session, "cd /data && printf changed > a && rm b && printf new > c && rm -rf d && mkdir d && printf z > d/z && ln -s a link");
        var e = renames ? "renamed" : "e";
        await engine.RunAsync(session, renames ? "mv /data/e /data/renamed" : "true");
        var changed = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["/data"] = ContextSnapshot.Directory(),
            ["/data/a"] = ContextSnapshot.File("changed"),
            ["/data/c"] = ContextSnapshot.File("new"),
            ["/data/d"] = ContextSnapshot.Directory(),
            ["/data/d/z"] = ContextSnapshot.File("z"),
            [$"/data/{e}"] = ContextSnapshot.Directory(),
            [$"/data/{e}/f"] = ContextSnapshot.Directory(),
            [$"/data/{e}/f/g"] = ContextSnapshot.File("g"),
            ["/data/link"] = ContextSnapshot.Symlink("a"),
        };
        return (context, session, old, changed);
    }

    internal static Task CrashAsync(
        EngineFixture engine, string operation, AgbSession session, string point, int occurrence = 1) =>
        CrashAsync(engine.Home, engine.Kind, operation, session.SessionId, point, occurrence);

    /// <summary>Has a process of its own do something, and die at a point.</summary>
    internal static async Task CrashAsync(string home, MountKind kind, string operation, string id, string point, int occurrence = 1)
    {
        var (exitCode, errors) = await RunHostAsync(home, kind, operation, id, point, occurrence);
        exitCode.ShouldBe(KilledExitCode, $"the process was not killed at {point}: {errors}");
    }

    /// <summary>Has a process of its own do something.</summary>
    internal static async Task<(int ExitCode, string Errors)> RunHostAsync(
        string home, MountKind kind, string operation, string id, string point, int occurrence = 1)
    {
        var host = Path.Combine(AppContext.BaseDirectory, "Agb.Engine.CrashHost.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { host, home, operation, id, point, $"{occurrence}", kind.ToString() },
            RedirectStandardError = true,
        })!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors);
    }

    private static async Task ShouldBeReleasedAsync(EngineFixture engine, AgbSession session)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await engine.Service.GetSessionAsync(session, TestContext.Current.CancellationToken);
            }
            catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionNotFound)
            {
                return;
            }
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromMinutes(1), "the session was not released");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static void ShouldBe(EngineFixture engine, AgbContext context, SortedDictionary<string, string> expected) =>
        string.Join("\n", engine.Content(context.Id)).ShouldBe(string.Join("\n", expected));

    private static string[] StackOf(EngineFixture engine, AgbContext context) => LayerStack.Parse(
        engine.Service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, ContextTable.ById(tx, context.Id)!)));

    /// <summary>No staged layer, no session directory, on disk just the layers that the catalog knows, and nothing that a check of the
    /// store finds.</summary>
    internal static async Task ShouldBeTidyAsync(EngineFixture engine)
    {
        await engine.Service.SettleAsync();
        (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, TestContext.Current.CancellationToken)).Problems.ShouldBeEmpty();
        var paths = engine.Service.Parts.Paths;
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(paths.Sessions).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(paths.Forks).ShouldBeEmpty();
        var known = engine.Service.Parts.Catalog.Read(tx => tx.Query("SELECT id FROM layers ORDER BY id", r => r.GetString(0)));
        Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ShouldBe(known);
    }
}
