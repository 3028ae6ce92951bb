using System.Diagnostics;

namespace Agb.Engine.Store.Tests;

/// <summary>Kills the process at every step of an upload as an archive, and of recycling. A reader sees the old version or the
/// new one; afterwards nothing is left over and the work can be done again.</summary>
public sealed class PolicyCrashTests
{
    private const int KilledExitCode = 137;
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
        await engine.RunAsync(maker, "mkdir /data/d; echo old > /data/a; echo old > /data/d/b");
        await engine.RemoveAsync(maker);
        var session = await engine.SessionAsync(context.Id, policy: s_archive);
        await engine.RunAsync(session, "echo new > /data/a; rm -r /data/d; echo new > /data/c");

        await CrashAsync(engine, operation, session.SessionId, point);
        engine.Reopen();
        (await LookAsync(engine, context)).ShouldBe(operation == "release" || s_recorded.Contains(point) ? "a=new c=new " : "a=old d/b=old ");
        if (operation == "sync")
        {
            await engine.RemoveAsync(session);
            (await LookAsync(engine, context)).ShouldBe("a=new c=new ");
        }
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
        await RunHostAsync(engine, "two-days-later", context.Id, "none");
        engine.Reopen();
        engine.Content(context.Id).Keys.ShouldBe(["/data"]);
        (await engine.Service.ListContextVersionsAsync(context.Id, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken))
            .ShouldBe(2);
        ShouldBeTidy(engine);
    }

    private static async Task<string> LookAsync(EngineFixture engine, AgbContext context)
    {
        var session = await engine.SessionAsync(context.Id, policy: s_archive);
        var seen = await engine.RunAsync(session, "cd /data; find . -type f -printf '%P\\n' | LC_ALL=C sort | while read f; do printf '%s=%s ' $f $(cat $f); done");
        await engine.Service.RemoveSessionAsync(session.SessionId, discardChanges: true, cancellationToken: TestContext.Current.CancellationToken);
        return seen;
    }

    private static async Task CrashAsync(EngineFixture engine, string operation, string id, string point) =>
        (await RunHostAsync(engine, operation, id, point)).ShouldBe(KilledExitCode, $"the process was not killed at {point}");

    private static async Task<int> RunHostAsync(EngineFixture engine, string operation, string id, string point)
    {
        var host = Path.Combine(AppContext.BaseDirectory, "Agb.Engine.CrashHost.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { host, engine.Home, operation, id, point, "1", engine.Kind.ToString() },
        })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    private static void ShouldBeTidy(EngineFixture engine)
    {
        var paths = engine.Service.Parts.Paths;
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(paths.Sessions).ShouldBeEmpty();
        var known = engine.Service.Parts.Catalog.Read(tx => tx.Query("SELECT id FROM layers ORDER BY id", r => r.GetString(0)));
        Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ShouldBe(known);
    }
}
