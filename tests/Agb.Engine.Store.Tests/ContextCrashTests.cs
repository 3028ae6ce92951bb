using System.Diagnostics;

namespace Agb.Engine.Store.Tests;

/// <summary>Kills the process at every step of a change of files, a clear and a restore: the old version or the new one is
/// there, nothing is left over, and the work can be done again.</summary>
public sealed class ContextCrashTests
{
    private static readonly string[] s_old = ["/data/", "/data/a", "/data/b", "/data/d/", "/data/d/x"];
    private static readonly string[] s_changed = ["/data/", "/data/a", "/data/d/", "/data/d/z", "/data/new/", "/data/new/c"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultPoint.StagingMarked, false)]
    [InlineData(FaultPoint.StagingWritten, false)]
    [InlineData(FaultPoint.StagingRebased, false)]
    [InlineData(FaultPoint.LayerPlaced, false)]
    [InlineData(FaultPoint.LayerFlushed, false)]
    [InlineData(FaultPoint.VersionRecorded, true)]
    [InlineData(FaultPoint.MarkerRemoved, true)]
    public async Task A_change_that_is_killed_leaves_the_old_version_or_the_new_one(string point, bool made)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await PrepareAsync(engine);
        await CrashAsync(engine, "change", context, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        (await TreeAsync(engine, context)).ShouldBe(made ? s_changed : s_old);
        ShouldBeTidy(engine);
        (await VersionsAsync(engine, context)).Length.ShouldBe(made ? 2 : 1);

        await StoredFileTests.ChangeAsync(engine, context, StoredFileTests.Put("/data/again"));
        (await TreeAsync(engine, context)).ShouldBe([.. (made ? s_changed : s_old).Append("/data/again").Order(StringComparer.Ordinal)]);
    }

    [Theory]
    [InlineData(FaultPoint.StagingMarked)]
    [InlineData(FaultPoint.StagingWritten)]
    public async Task What_a_killed_change_left_is_not_mistaken_for_a_living_ones(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await PrepareAsync(engine);
        await CrashAsync(engine, "change", context, point);
        var (opened, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var living = engine.Service.ChangeContextFilesAsync(
            context,
            new AgbContextFileChange[]
            {
                new AgbContextFileChange.Put(
                    "/data/slow",
                    async _ =>
                    {
                        opened.SetResult();
                        await goOn.Task;
                        return new MemoryStream([1, 2, 3]);
                    }),
            }.ToAsyncEnumerable(),
            Token);
        await opened.Task;
        using (var other = engine.Open())
        {
            await other.RecoverAsync();
            Directory.EnumerateFileSystemEntries(engine.Service.Parts.Paths.Staging).Count().ShouldBe(2, "the living change's layer and marker");
        }
        goOn.SetResult();
        (await living).ShouldNotBeNull().Version.ShouldBe(2);
        (await TreeAsync(engine, context)).ShouldBe([.. s_old, "/data/slow"]);
        ShouldBeTidy(engine);
    }

    [Theory]
    [InlineData(FaultPoint.ClearRegistered)]
    [InlineData(FaultPoint.VersionCounted)]
    [InlineData(FaultPoint.VersionRecorded)]
    public async Task A_clear_that_is_killed_is_carried_out_by_the_next_process(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await PrepareAsync(engine);
        await CrashAsync(engine, "clear", context, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();

        (await engine.Service.GetContextAsync(context, Token)).State.ShouldBe(AgbContextState.Available);
        (await TreeAsync(engine, context)).ShouldBeEmpty();
        (await VersionsAsync(engine, context)).ShouldBe([AgbVersionOrigin.Clear, AgbVersionOrigin.Files]);
        ShouldBeTidy(engine);
        await engine.Service.RestoreContextAsync(context, 1, Token);
        (await TreeAsync(engine, context)).ShouldBe(s_old);
    }

    [Fact]
    public async Task A_clear_that_is_killed_is_carried_out_by_a_process_that_was_there_before()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await PrepareAsync(engine);
        await CrashAsync(engine, "clear", context, FaultPoint.VersionCounted);
        var began = Stopwatch.GetTimestamp();
        while ((await engine.Service.GetContextAsync(context, Token)).State == AgbContextState.Clearing)
        {
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromMinutes(1), "the state is stuck");
            await Task.Delay(20, Token);
        }
        (await TreeAsync(engine, context)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task What_is_recorded_after_a_killed_clear_comes_after_it(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await PrepareAsync(engine);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "echo new > /data/new");
        await CrashAsync(engine, "clear", context, FaultPoint.ClearRegistered);

        await engine.SyncAsync(session);

        (await TreeAsync(engine, context)).ShouldBe(["/data/", "/data/new"]);
        (await VersionsAsync(engine, context)).ShouldBe([AgbVersionOrigin.Upload, AgbVersionOrigin.Clear, AgbVersionOrigin.Files]);
    }

    [Theory]
    [InlineData(FaultPoint.VersionCounted, false)]
    [InlineData(FaultPoint.VersionRecorded, true)]
    public async Task A_restore_that_is_killed_leaves_the_old_version_or_the_new_one(string point, bool made)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await PrepareAsync(engine);
        await StoredFileTests.ChangeAsync(engine, context, new AgbContextFileChange.Remove("/data", Recurse: true));
        await CrashAsync(engine, "restore", context, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();
        (await TreeAsync(engine, context)).ShouldBe(made ? s_old : []);
        (await VersionsAsync(engine, context)).Length.ShouldBe(made ? 3 : 2);
        ShouldBeTidy(engine);
        await engine.Service.RestoreContextAsync(context, 1, Token);
        (await TreeAsync(engine, context)).ShouldBe(s_old);
    }

    private static Task<AgbContext> PrepareAsync(EngineFixture engine) => StoredFileTests.MakeAsync(
        engine, StoredFileTests.Put("/data/a"), StoredFileTests.Put("/data/b"), StoredFileTests.Put("/data/d/x"));

    private static async Task<string[]> TreeAsync(EngineFixture engine, AgbContext context) =>
        await engine.Service.ListContextFilesAsync(context, new AgbContextFileQuery { Recurse = true }, Token)
            .Select(f => f.Type == AgbFileType.Directory ? f.Path + "/" : f.Path).ToArrayAsync(Token);

    private static async Task<AgbVersionOrigin[]> VersionsAsync(EngineFixture engine, AgbContext context) =>
        await engine.Service.ListContextVersionsAsync(context, Token).Select(v => v.Origin).ToArrayAsync(Token);

    private static Task CrashAsync(EngineFixture engine, string operation, AgbContext context, string point) =>
        CrashTests.CrashAsync(engine.Home, engine.Kind, operation, context.Id, point);

    /// <summary>No staged layer, no lock of a change, and on disk just the layers that the catalog knows.</summary>
    private static void ShouldBeTidy(EngineFixture engine)
    {
        var paths = engine.Service.Parts.Paths;
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
        Directory.EnumerateFiles(paths.Locks, StagingRecovery.ChangeLockPrefix + "*").ShouldBeEmpty();
        var known = engine.Service.Parts.Catalog.Read(tx => tx.Query("SELECT id FROM layers ORDER BY id", r => r.GetString(0)));
        Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ShouldBe(known);
    }
}
