namespace Agb.Engine.Store.Tests;

/// <summary>Kills the process at every step of an upload with a large file and of the work after it, and fills the disk.</summary>
[Collection(LargeFileCollection.Name)]
public sealed class LargeCrashTests
{
    private const string Change = "printf changed | dd of=/data/file conv=notrunc bs=1 seek=5000 status=none; printf grown >> /data/file";

    private static readonly string[] s_recorded = [FaultPoint.VersionRecorded, FaultPoint.MarkerRemoved];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> UploadPoints =>
    [
        FaultPoint.StagingMarked, FaultPoint.StagingWritten, FaultPoint.StagingRebased, FaultPoint.LayerSealed, FaultPoint.LayerPlaced,
        FaultPoint.LayerFlushed, FaultPoint.VersionRecorded, FaultPoint.MarkerRemoved,
    ];

    [Theory]
    [MemberData(nameof(UploadPoints))]
    public async Task A_sync_that_is_killed_leaves_the_old_version_or_the_new_one(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, shown) = await LargeFileTests.MakeAsync(engine);
        var session = await engine.SessionAsync(context);
        await engine.RunAsync(session, Change);
        shown.Add(await LargeFileTests.ShowAsync(engine, session));

        await KillAsync(engine, "sync", session.SessionId, point);
        engine.Reopen();
        (await LargeFileTests.HashAsync(engine, context, null)).ShouldBe(shown[s_recorded.Contains(point) ? 1 : 0].Hash);
        await engine.Service.RecoverAsync();
        await engine.SyncAsync(session);
        await LargeFileTests.RequireAsync(engine, context, shown);
        await engine.RemoveAsync(session);
        await ShouldBeTidyAsync(engine, context);
        await LargeFileTests.RequireAsync(engine, context, shown);
    }

    public static TheoryData<string> ReleasePoints =>
        [FaultPoint.LargeFileTaken, FaultPoint.LayerSealed, FaultPoint.LayerPlaced, FaultPoint.LayerFlushed, FaultPoint.VersionRecorded];

    [Theory]
    [MemberData(nameof(ReleasePoints))]
    public async Task A_first_release_that_is_killed_is_finished_with_the_file(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = (await engine.Service.CreateContextAsync("large", cancellationToken: Token)).Id;
        var session = await engine.SessionAsync(context);
        await engine.RunAsync(session, "mkdir -m 500 /data/closed; head -c 5M /dev/urandom > /data/file; head -c 1M /dev/urandom > /data/second");
        var shown = await LargeFileTests.ShowAsync(engine, session);

        await KillAsync(engine, "release", session.SessionId, point);
        engine.Reopen();
        await engine.Service.RecoverAsync();
        await LargeFileTests.RequireAsync(engine, context, [shown]);
        await ShouldBeTidyAsync(engine, context);
    }

    [Theory]
    [InlineData(FaultPoint.LargeDeltaWritten)]
    [InlineData(FaultPoint.LargeFileMoving)]
    [InlineData(FaultPoint.LargeFilePatched)]
    public async Task Work_on_large_files_that_is_killed_is_done_again(string point)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, shown) = await LargeFileTests.MakeAsync(engine);
        var session = await engine.SessionAsync(context);
        await engine.RunAsync(session, Change);
        await engine.SyncAsync(session);
        shown.Add(await LargeFileTests.ShowAsync(engine, session));
        await engine.RemoveAsync(session);

        await KillAsync(engine, "settle", context, point);
        await LargeFileTests.RequireAsync(engine, context, shown);
        await LargeFileTests.RequireSoundAsync(engine);
        session = await engine.SessionAsync(context);
        (await LargeFileTests.ShowAsync(engine, session)).ShouldBe(shown[1]);
        await engine.RemoveAsync(session);
        await ShouldBeTidyAsync(engine, context);
        await LargeFileTests.RequireAsync(engine, context, shown);
    }

    [Fact]
    public async Task A_full_disk_leaves_all_versions_readable_and_the_next_try_succeeds()
    {
        var home = Directory.CreateTempSubdirectory("agb-large-disk-").FullName;
        if (await SmallDisk.MountAsync(home, Token) is { } reason)
        {
            Directory.Delete(home);
            Assert.Skip(reason);
        }
        try
        {
            using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Path.Combine(home, "agb"), MountKind = MountKind.Copy });
            await TestHost.RequireAsync(Path.Combine(home, "agb"));
            await FillAsync(service, Path.Combine(home, "filler"));
        }
        finally
        {
            await SmallDisk.UnmountAsync(home);
            Directory.Delete(home);
        }
    }

    private static async Task FillAsync(EmbeddedService service, string filler)
    {
        var context = await service.CreateContextAsync("large", cancellationToken: Token);
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = "/data" }] }, Token);
        await RunAsync("head -c 8M /dev/urandom > /data/file");
        await SyncAsync();
        await RunAsync("printf one | dd of=/data/file conv=notrunc status=none");
        await SyncAsync();
        // A reader keeps the older file as it is, so the newest needs a copy.
        using (await service.OpenContextFileAsync(context, "/data/file", 1, cancellationToken: Token))
        {
            Fill();
            Should.Throw<Exception>(() => service.Parts.LargeSettler.Settle(context.Id, Token)).Message.ShouldContain("No space");
            File.Delete(filler);
        }
        var paths = service.Parts.Paths;
        Directory.EnumerateFiles(paths.Large).ShouldAllBe(f => !f.Contains(LargeMoves.NewMark));
        (await ReadAsync(2))[..3].ShouldBe("one"u8.ToArray());
        (await ReadAsync(1))[3..].ShouldBe((await ReadAsync(2))[3..]);

        await RunAsync("head -c 1M /dev/urandom | dd of=/data/file conv=notrunc status=none");
        Fill();
        (await Should.ThrowAsync<Exception>(SyncAsync)).Message.ShouldNotBeEmpty();
        File.Delete(filler);
        await SyncAsync();
        service.Parts.LargeSettler.Settle(context.Id, Token);
        (await ReadAsync(3))[(1 << 20)..].ShouldBe((await ReadAsync(2))[(1 << 20)..]);
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        (await AgbStore.CheckAsync(paths.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();

        async Task RunAsync(string command) =>
            (await service.RunCommandAsync(session, new AgbCommandRequest { Command = command }, Token)).ExitCode.ShouldBe(0);

        async Task SyncAsync()
        {
            await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
            var tasks = await service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token);
            tasks.Select(t => t.ErrorMessage).OfType<string>().ShouldBeEmpty();
        }

        async Task<byte[]> ReadAsync(long version)
        {
            using var content = await service.OpenContextFileAsync(context, "/data/file", version, cancellationToken: Token);
            using var memory = new MemoryStream();
            await content.Content.CopyToAsync(memory, Token);
            return memory.ToArray();
        }

        // All but a little: a move of the file still fits in.
        void Fill()
        {
            using var stream = File.Create(filler);
            var block = new byte[1 << 16];
            try
            {
                while (true)
                {
                    stream.Write(block);
                    stream.Flush();
                }
            }
            catch (IOException)
            {
            }
        }
    }

    private static async Task KillAsync(EngineFixture engine, string operation, string id, string point)
    {
        var (code, errors) = await CrashTests.RunHostAsync(engine.Home, engine.Kind, operation, id, point);
        code.ShouldBe(137, errors);
    }

    private static async Task ShouldBeTidyAsync(EngineFixture engine, string context)
    {
        await engine.Service.RecoverAsync();
        LargeFileTests.Settle(engine, context);
        await LargeFileTests.RequireSoundAsync(engine);
        var paths = engine.Service.Parts.Paths;
        Directory.EnumerateFileSystemEntries(paths.Staging).ShouldBeEmpty();
        var collector = new LargeCollector(paths, engine.Service.Parts.Catalog);
        using var large = Fd.OpenDirectory(paths.Large);
        collector.Unused(large).ShouldBeEmpty();
        Directory.EnumerateFiles(paths.Large, "*" + LargeFiles.MovingSuffix).ShouldBeEmpty();
    }
}
