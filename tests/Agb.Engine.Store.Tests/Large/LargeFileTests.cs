using System.Diagnostics;
using System.Security.Cryptography;

namespace Agb.Engine.Store.Tests;

/// <summary>Large files of contexts: each version keeps its content, whatever form it has on disk, and costs its change alone.</summary>
[Collection(LargeFileCollection.Name)]
public sealed class LargeFileTests
{
    private const int Megabyte = 1 << 20;
    private const int Size = 8 * Megabyte;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Edits of a session, one before each sync.</summary>
    private static readonly string[] s_edits =
    [
        "printf changed | dd of=file conv=notrunc bs=1 seek=5000 status=none",
        "printf grown >> file", "truncate -s -100000 file", "truncate -s +200000 file", "chmod 600 file; setfattr -n user.k -v v file",
        "head -c 4096 /dev/urandom | dd of=file conv=notrunc bs=4096 seek=700 status=none; printf x >> file", "touch -d @1000000000 file",
        "fallocate -p -o 40960 -l 8192 file", "cp file copy; printf tail >> copy; mv copy file", "setfattr -x user.k file; chmod 644 file",
        "head -c 3000000 /dev/urandom > small; rm small; printf end >> file",
    ];

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.TrustedOverlay)]
    [InlineData(MountKind.Copy)]
    public async Task Each_version_keeps_its_content_and_attributes(MountKind kind)
    {
        RequireMarks(kind);
        await using var engine = await EngineFixture.CreateAsync(kind);
        var (context, shown) = await MakeAsync(engine);
        for (var part = 0; part < 2; part++)
        {
            var session = await engine.SessionAsync(context);
            foreach (var edit in s_edits)
            {
                await engine.RunAsync(session, $"cd /data; {edit}");
                await engine.SyncAsync(session);
                shown.Add(await ShowAsync(engine, session));
                if (edit.Contains("truncate", StringComparison.Ordinal))
                {
                    Settle(engine, context);
                }
            }
            await engine.RemoveAsync(session);
            await RequireAsync(engine, context, shown);
            Settle(engine, context);
            await RequireAsync(engine, context, shown);
        }
        Wholes(engine).ShouldBe(1);
        await RequireSoundAsync(engine);
    }

    [Fact]
    public async Task A_version_takes_its_change_on_disk_and_the_newest_a_whole_file()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, _) = await MakeAsync(engine);
        var session = await engine.SessionAsync(context);
        for (var i = 0; i < 10; i++)
        {
            await engine.RunAsync(session, $"head -c 4096 /dev/urandom | dd of=/data/file conv=notrunc bs=4096 seek={i * 50} status=none");
            await engine.SyncAsync(session);
        }
        // The mounted file and ten changes.
        Blocks(engine).ShouldBeLessThan(Size + Megabyte);
        Settle(engine, context);
        Wholes(engine).ShouldBe(2);
        Blocks(engine).ShouldBeLessThan((2 * Size) + Megabyte);
        await engine.RemoveAsync(session);
        Settle(engine, context);
        Wholes(engine).ShouldBe(1);
        Blocks(engine).ShouldBeLessThan(Size + Megabyte);
    }

    [Fact]
    public async Task A_mounted_file_stays_while_its_version_becomes_a_delta()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, _) = await MakeAsync(engine);
        var reader = await engine.SessionAsync(context);
        var before = await ShowAsync(engine, reader);
        var writer = await engine.SessionAsync(context);
        await engine.RunAsync(writer, "printf changed | dd of=/data/file conv=notrunc status=none");
        await engine.SyncAsync(writer);
        Settle(engine, context);
        await engine.RunAsync(writer, "printf again | dd of=/data/file conv=notrunc bs=1 seek=100 status=none");
        await engine.RemoveAsync(writer);
        Settle(engine, context);

        (await ShowAsync(engine, reader)).ShouldBe(before);
        await engine.RunAsync(reader, "printf mine >> /data/file");
        var mine = await ShowAsync(engine, reader);
        await engine.RemoveAsync(reader);
        Settle(engine, context);
        (await HashAsync(engine, context, null)).ShouldBe(mine.Hash);
        Wholes(engine).ShouldBe(1);
    }

    [Fact]
    public async Task An_older_version_is_restored_mounted_and_changed()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, shown) = await MakeAsync(engine);
        await ChangeAsync(engine, context, "printf one | dd of=/data/file conv=notrunc status=none", shown);
        await ChangeAsync(engine, context, "printf two >> /data/file", shown);
        await engine.Service.RestoreContextAsync(new ContextId(context), 1, Token);
        shown.Add(shown[0]);
        var session = await engine.SessionAsync(context);
        (await ShowAsync(engine, session)).ShouldBe(shown[0]);
        await engine.RunAsync(session, "printf three >> /data/file");
        await engine.SyncAsync(session);
        shown.Add(await ShowAsync(engine, session));
        await engine.RemoveAsync(session);
        await RequireAsync(engine, context, shown);
        Settle(engine, context);
        await RequireAsync(engine, context, shown);
        Wholes(engine).ShouldBe(1);
        await RequireSoundAsync(engine);
    }

    [Fact]
    public async Task Compaction_and_collection_keep_what_a_kept_version_needs()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = engine.Home, MountKind = MountKind.Overlay, KeepVersions = 3, KeepVersionsFor = TimeSpan.Zero });
        var (context, shown) = await MakeAsync(engine);
        var session = await engine.SessionAsync(context);
        for (var i = 0; i < 40; i++)
        {
            await engine.RunAsync(session, $"printf {i} > /data/small{i % 3}; printf {i}, | dd of=/data/file conv=notrunc bs=1 seek={i * 7000} status=none");
            await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
            await service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token);
            shown.Add(await ShowAsync(engine, session));
            if (i % 9 == 4)
            {
                Settle(engine, context);
            }
        }
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        Settle(engine, context);
        await service.SettleAsync();
        service.Parts.Maintenance.Maintain(context);

        var versions = engine.Service.Parts.Catalog.Read(tx => VersionTable.OfContext(tx, context));
        versions.Count.ShouldBe(3);
        foreach (var version in versions)
        {
            (await HashAsync(engine, context, version.Version)).ShouldBe(shown[(int)version.Version - 1].Hash);
        }
        // One for each version, and the mark of no other.
        Directory.EnumerateFiles(engine.Service.Parts.Paths.Large).Count().ShouldBe(3);
        await RequireSoundAsync(engine);
    }

    [Fact]
    public async Task Two_sessions_that_change_one_file_give_both_versions()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, shown) = await MakeAsync(engine);
        var sessions = new[] { await engine.SessionAsync(context), await engine.SessionAsync(context) };
        await engine.RunAsync(sessions[0], "printf first | dd of=/data/file conv=notrunc status=none");
        await engine.RunAsync(sessions[1], "printf second | dd of=/data/file conv=notrunc bs=1 seek=90000 status=none");
        var both = new[] { await ShowAsync(engine, sessions[0]), await ShowAsync(engine, sessions[1]) };
        await Task.WhenAll(sessions.Select(s => engine.SyncAsync(s)).Append(Task.Run(() => Settle(engine, context), Token)));
        var hashes = new[] { await HashAsync(engine, context, 2), await HashAsync(engine, context, 3) };
        hashes.ShouldBe(both.Select(b => b.Hash), ignoreOrder: true);
        (await HashAsync(engine, context, 1)).ShouldBe(shown[0].Hash);
        await RequireSoundAsync(engine);
    }

    [Fact]
    public async Task A_file_without_a_session_is_stored_read_and_replaced()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = (await engine.Service.CreateContextAsync("put", cancellationToken: Token)).Id;
        var contents = Enumerable.Range(0, 3).Select(i => RandomNumberGenerator.GetBytes(Size)).ToArray();
        contents[0].CopyTo(contents[1], 0);
        contents[1][77] ^= 1;
        foreach (var content in contents)
        {
            await engine.Service.ChangeContextFilesAsync(
                new ContextId(context), Once(new AgbContextFileChange.Put("/data/file", _ => Task.FromResult<Stream>(new MemoryStream(content)))), Token);
        }
        Settle(engine, context);
        for (var i = 0; i < contents.Length; i++)
        {
            (await HashAsync(engine, context, i + 1)).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(contents[i])));
        }
        // The last one has nothing in common with the others.
        Wholes(engine).ShouldBeInRange(1, 3);
        await RequireSoundAsync(engine);

        static async IAsyncEnumerable<AgbContextFileChange> Once(AgbContextFileChange change)
        {
            await Task.CompletedTask;
            yield return change;
        }
    }

    [Fact]
    public async Task A_directory_with_a_large_file_is_renamed()
    {
        RequireMarks(MountKind.TrustedOverlay);
        await using var engine = await EngineFixture.CreateAsync(MountKind.TrustedOverlay);
        var context = (await engine.Service.CreateContextAsync("renamed", cancellationToken: Token)).Id;
        var session = await engine.SessionAsync(context);
        await engine.RunAsync(session, $"mkdir /data/d; head -c {Size} /dev/urandom > /data/d/file");
        await engine.RemoveAsync(session);
        session = await engine.SessionAsync(context);
        var hash = await engine.RunAsync(session, "mv /data/d /data/e && sha256sum < /data/e/file");
        await engine.RemoveAsync(session);
        session = await engine.SessionAsync(context);
        (await engine.RunAsync(session, "sha256sum < /data/e/file; ls /data")).ShouldBe(hash + "e\n");
        await RequireSoundAsync(engine);
    }

    [Fact]
    public async Task A_removed_context_leaves_no_content()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, shown) = await MakeAsync(engine);
        await ChangeAsync(engine, context, "printf one | dd of=/data/file conv=notrunc status=none", shown);
        await engine.Service.RemoveContextAsync(new ContextId(context), Token);
        await engine.Service.RecoverAsync();
        Directory.EnumerateFiles(engine.Service.Parts.Paths.Large).ShouldBeEmpty();
    }

    [Fact]
    public async Task Damage_of_a_delta_and_of_a_whole_file_is_found()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var (context, shown) = await MakeAsync(engine);
        await ChangeAsync(engine, context, "printf one | dd of=/data/file conv=notrunc status=none", shown);
        Settle(engine, context);
        await RequireSoundAsync(engine);
        var large = engine.Service.Parts.Paths.Large;

        Flip(Directory.EnumerateFiles(large, "*" + LargeFiles.DeltaSuffix).Single(), 100);
        var problems = (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems;
        var delta = problems.ShouldHaveSingleItem();
        (delta.Kind, delta.Path).ShouldBe((AgbStoreProblemKind.ContentChanged, "/data/file"));
        (await Should.ThrowAsync<AgbException>(() => HashAsync(engine, context, 1))).ErrorId.ShouldBe(AgbErrorIds.StoreCorrupt);
        (await HashAsync(engine, context, 2)).ShouldBe(shown[1].Hash);

        Flip(Directory.EnumerateFiles(large, "*.delta").Single(), 100);
        Flip(Directory.EnumerateFiles(large).Single(f => Path.GetExtension(f) is not (".delta" or ".sum")), 4_000_000);
        problems = (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems;
        problems.ShouldAllBe(p => p.Kind == AgbStoreProblemKind.ContentChanged && p.Path == "/data/file");
        problems.SelectMany(p => p.Versions).ShouldContain(2);

        Directory.EnumerateFiles(large).Where(f => !f.EndsWith(".delta", StringComparison.Ordinal)).ToList().ForEach(File.Delete);
        problems = (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions(), Token)).Problems;
        problems.ShouldNotBeEmpty();
        problems.ShouldAllBe(p => p.Kind == AgbStoreProblemKind.EntryMissing && p.Path == "/data/file");
    }

    [Fact]
    public async Task An_older_program_refuses_the_store_from_its_first_large_file_on()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Copy);
        var format = Path.Combine(engine.Home, "format");
        var context = (await engine.Service.CreateContextAsync("small", cancellationToken: Token)).Id;
        var session = await engine.SessionAsync(context);
        await engine.RunAsync(session, "echo small > /data/small");
        await engine.SyncAsync(session);
        (await File.ReadAllTextAsync(format, Token)).ShouldNotBe("agb-store 3\n");
        await engine.RunAsync(session, $"head -c {Size} /dev/zero > /data/file");
        await engine.SyncAsync(session);
        (await File.ReadAllTextAsync(format, Token)).ShouldBe("agb-store 3\n");
    }

    private static void RequireMarks(MountKind kind) =>
        Assert.SkipWhen(kind == MountKind.TrustedOverlay && !SandboxIdentity.IsRoot, "Only root's engine mounts with trusted marks.");

    internal static async Task<(string Context, List<Shown> Shown)> MakeAsync(EngineFixture engine)
    {
        var context = (await engine.Service.CreateContextAsync("large", cancellationToken: Token)).Id;
        var session = await engine.SessionAsync(context);
        await engine.RunAsync(session, $"head -c {Size} /dev/urandom > /data/file; printf small > /data/other");
        var shown = await ShowAsync(engine, session);
        await engine.RemoveAsync(session);
        return (context, [shown]);
    }

    internal static void Settle(EngineFixture engine, string context) => engine.Service.Parts.LargeSettler.Settle(context, Token);

    internal static async Task<Shown> ShowAsync(EngineFixture engine, AgbSession session)
    {
        var lines = (await engine.RunAsync(
            session, "cd /data; sha256sum < file | cut -d' ' -f1; stat -c '%s %a %Y' file; getfattr -d -m user.k file 2>/dev/null | grep user.k || true")).Split('\n', 2);
        return new Shown(lines[0], lines[1]);
    }

    internal static async Task<string> HashAsync(EngineFixture engine, string context, long? version)
    {
        using var content = await engine.Service.OpenContextFileAsync(new ContextId(context), "/data/file", version, cancellationToken: Token);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content.Content, Token));
    }

    /// <summary>Number of whole files.</summary>
    internal static int Wholes(EngineFixture engine) =>
        Directory.EnumerateFiles(engine.Service.Parts.Paths.Large).Count(f => Path.GetExtension(f) is not (".delta" or ".sum"));

    internal static async Task RequireAsync(EngineFixture engine, string context, List<Shown> shown)
    {
        for (var i = 0; i < shown.Count; i++)
        {
            (await HashAsync(engine, context, i + 1)).ShouldBe(shown[i].Hash, $"version {i + 1}");
            var file = await engine.Service.GetContextFileAsync(new ContextId(context), "/data/file", i + 1, Token);
            FormattableString.Invariant($"{file.Size} {Convert.ToString(file.Mode ?? 0, 8)} {file.ModifiedAt.ToUnixTimeSeconds()}").ShouldBe(shown[i].Stat.Split('\n')[0]);
        }
    }

    internal static async Task RequireSoundAsync(EngineFixture engine) =>
        (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();

    private static async Task ChangeAsync(EngineFixture engine, string context, string command, List<Shown> shown)
    {
        var session = await engine.SessionAsync(context);
        await engine.RunAsync(session, command);
        await engine.SyncAsync(session);
        shown.Add(await ShowAsync(engine, session));
        await engine.RemoveAsync(session);
    }

    private static void Flip(string file, long at)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = at;
        var value = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(value ^ 1));
    }

    /// <summary>Bytes of the blocks of all stored files, each counted once.</summary>
    private static long Blocks(EngineFixture engine)
    {
        var paths = engine.Service.Parts.Paths;
        using var process = Process.Start(new ProcessStartInfo("du", ["-s", "--block-size=1", paths.Large, paths.Layers]) { RedirectStandardOutput = true })!;
        var total = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(l => long.Parse(l.Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture));
        process.WaitForExit();
        return total;
    }

    /// <summary>A file as a session shows it.</summary>
    internal sealed record Shown(string Hash, string Stat);
}
