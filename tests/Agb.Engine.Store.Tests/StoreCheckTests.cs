using Agb.Engine.CrashHost.Fixtures;

namespace Agb.Engine.Store.Tests;

/// <summary>Damage to a store is found, named, and put right only where that loses nothing. The store is one that was kept: no
/// session is needed.</summary>
public sealed class StoreCheckTests : KeptStoreTest
{
    [Fact]
    public async Task A_sound_store_is_found_sound_and_not_touched()
    {
        var before = Everything();
        foreach (var deep in (bool[])[false, true])
        {
            var report = await CheckAsync(deep);
            report.Problems.ShouldBeEmpty();
            report.IsSound.ShouldBeTrue();
            (report.Contexts, report.LayersWithoutSums, report.FilesWithoutHash).ShouldBe((4, 0, 0));
            (report.BytesRead > 70_000).ShouldBe(deep);
        }
        Everything().ShouldBe(before);
        (await CheckAsync(deep: true, repair: true)).Problems.ShouldBeEmpty();
        Everything().ShouldBe(before);
    }

    [Fact]
    public async Task A_flipped_bit_in_a_file_is_found_by_a_deep_check_and_named()
    {
        var (layer, file) = Find("private");
        var stat = File.GetLastWriteTimeUtc(file);
        var content = await File.ReadAllBytesAsync(file, Token);
        content[2] ^= 0x10;
        await File.WriteAllBytesAsync(file, content, Token);
        File.SetLastWriteTimeUtc(file, stat);
        // Its time is back as it was, to the nanosecond that .NET knows of, so only the content tells.
        RestoreTime(layer, "home/data/private");

        (await CheckAsync()).Problems.ShouldBeEmpty();
        foreach (var repair in (bool[])[false, true])
        {
            var problem = (await CheckAsync(deep: true, repair)).Problems.ShouldHaveSingleItem();
            problem.Kind.ShouldBe(AgbStoreProblemKind.ContentChanged);
            (problem.Context, problem.LayerId, problem.Path, problem.IsRepaired).ShouldBe(("plain", layer, "/home/data/private", false));
            problem.Versions.ShouldBe([1, 2, 3]);
            problem.Expected.ShouldNotBe(problem.Found);
            problem.ToString().ShouldStartWith($"ContentChanged: context 'plain', versions 1-3, layer {layer}, /home/data/private: expected content with the hash ");
        }
    }

    [Fact]
    public async Task A_damaged_record_of_when_files_were_stored_is_found_and_left()
    {
        var (layer, _) = Find("private");
        var file = Paths.LayerTimes(layer);
        await File.WriteAllTextAsync(file, "AGBT, and then nothing that makes sense", Token);
        foreach (var repair in (bool[])[false, true])
        {
            var problem = (await CheckAsync(repair: repair)).Problems.ShouldHaveSingleItem();
            (problem.Kind, problem.LayerId, problem.Path, problem.IsRepaired).ShouldBe((AgbStoreProblemKind.TimesDamaged, layer, $"layers/{layer}/times", false));
        }
        File.Exists(file).ShouldBeTrue();
    }

    [Fact]
    public async Task Removed_added_and_resized_entries_are_found_without_reading_content()
    {
        var (layer, file) = Find("program");
        var directory = Path.GetDirectoryName(file)!;
        File.Delete(file);
        Directory.Delete(Path.Combine(directory, "d"), recursive: true);
        await File.WriteAllTextAsync(Path.Combine(directory, "intruder"), "x", Token);
        await File.AppendAllTextAsync(Path.Combine(directory, "a name"), "longer", Token);
        File.Delete(Path.Combine(directory, "pipe"));
        File.CreateSymbolicLink(Path.Combine(directory, "pipe"), "elsewhere");

        var report = await CheckAsync(repair: true);
        report.Problems.ShouldAllBe(p => p.LayerId == layer && !p.IsRepaired && p.Context == "plain");
        report.Problems.Select(p => $"{p.Kind} {p.Path}").Order(StringComparer.Ordinal).ShouldBe(
        [
            "EntryChanged /home/data", "EntryChanged /home/data/a name", "EntryChanged /home/data/pipe", "EntryMissing /home/data/d",
            "EntryMissing /home/data/program", "EntryUnexpected /home/data/intruder",
        ]);
        report.Problems.Single(p => p.Path == "/home/data/a name").Found.ShouldStartWith("12 bytes");
        report.Problems.Single(p => p.Path == "/home/data/d").Expected.ShouldContain("entries below it");
    }

    [Fact]
    public async Task A_lost_whiteout_and_a_lost_opaque_mark_are_found()
    {
        var changed = Directory.EnumerateDirectories(Paths.Layers).Select(l => Path.Combine(l, "tree/home/data"))
            .Single(d => File.Exists(Path.Combine(d, "more")));
        File.Delete(Path.Combine(changed, "gone"));
        using (var directory = Fd.OpenDirectory(Path.Combine(changed, "d")))
        {
            Xattrs.IsOpaque(directory).ShouldBeTrue();
            Xattrs.ClearOpaque(directory);
        }
        var report = await CheckAsync();
        report.Problems.Single(p => p.Path == "/home/data/gone").Expected.ShouldBe("a whiteout");
        report.Problems.Single(p => p.Path == "/home/data/d").Expected.ShouldBe("an opaque mark");
    }

    [Fact]
    public async Task A_missing_layer_is_reported_with_all_that_it_takes_away()
    {
        var (layer, _) = Find("private");
        TreeRemover.Remove(Paths.Layer(layer));
        var problem = (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem();
        (problem.Kind, problem.Context, problem.LayerId, problem.IsRepaired).ShouldBe((AgbStoreProblemKind.LayerMissing, "plain", layer, false));
        problem.Versions.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Modes_and_times_are_put_back_as_they_were_recorded()
    {
        var (_, file) = Find("private");
        File.SetUnixFileMode(file, (UnixFileMode)0x1FF);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(file)!, DateTime.UnixEpoch);

        var found = await CheckAsync();
        found.Problems.Select(p => p.Kind).ShouldBe([AgbStoreProblemKind.EntryChanged, AgbStoreProblemKind.EntryChanged]);
        found.Problems[1].Found.ShouldBe("mode 777, modified 1970-01-01T00:00:00.0000000+00:00");
        found.IsSound.ShouldBeFalse();
        (await CheckAsync(repair: true)).IsSound.ShouldBeTrue();
        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Theory]
    [InlineData(false, AgbStoreProblemKind.SumsMissing)]
    [InlineData(true, AgbStoreProblemKind.SumsDamaged)]
    public async Task Lost_sums_are_made_again_only_when_the_catalog_proves_them_right(bool damaged, AgbStoreProblemKind kind)
    {
        var (layer, file) = Find("private");
        var sums = Path.Combine(Paths.Layer(layer), LayerSums.FileName);
        var before = await File.ReadAllBytesAsync(sums, Token);
        void Break()
        {
            if (damaged)
            {
                File.WriteAllBytes(sums, [.. before[..40], (byte)(before[40] ^ 1), .. before[41..]]);
            }
            else
            {
                File.Delete(sums);
            }
        }

        Break();
        (await CheckAsync()).Problems.ShouldHaveSingleItem().Kind.ShouldBe(kind);
        (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem().IsRepaired.ShouldBeTrue();
        (await File.ReadAllBytesAsync(sums, Token)).ShouldBe(before);

        Break();
        await File.WriteAllTextAsync(file, "forged", Token);
        RestoreTime(layer, "home/data/private", before);
        var problems = (await CheckAsync(repair: true)).Problems;
        problems.ShouldAllBe(p => !p.IsRepaired);
        problems.Select(p => p.Kind).ShouldBe([AgbStoreProblemKind.ContentChanged, kind]);
        File.Exists(sums).ShouldBe(damaged);
    }

    [Fact]
    public async Task Leftovers_are_removed_and_nothing_else()
    {
        Directory.CreateDirectory(Path.Combine(Paths.Layers, "orphan", "tree"));
        Directory.CreateDirectory(Path.Combine(Paths.Staging, "unmarked", "tree"));
        Directory.CreateDirectory(Path.Combine(Paths.Sessions, "s-forgotten"));
        File.CreateSymbolicLink(Paths.Marker("abandoned"), "compaction SdkCtx-x");
        Directory.CreateDirectory(Path.Combine(Paths.Staging, "abandoned", "tree"));
        var listing = Listing();

        var found = await CheckAsync();
        found.Problems.Select(p => p.Kind).ShouldBe(
            [
                AgbStoreProblemKind.StagingLeftover, AgbStoreProblemKind.StagingLeftover, AgbStoreProblemKind.LayerOrphaned, AgbStoreProblemKind.SessionLeftover,
            ],
            ignoreOrder: true);
        Directory.Exists(Path.Combine(Paths.Layers, "orphan")).ShouldBeTrue("a check without --repair removes nothing");
        (await CheckAsync(repair: true)).Problems.ShouldAllBe(p => p.IsRepaired);
        (await CheckAsync()).Problems.ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Paths.Staging).ShouldBeEmpty();
        Listing().ShouldBe(listing);
    }

    [Fact]
    public async Task Leftovers_stay_where_something_is_lost()
    {
        var (layer, _) = Find("private");
        // As if somebody had renamed it.
        Directory.Move(Paths.Layer(layer), Paths.Layer("renamed"));
        var report = await CheckAsync(repair: true);
        report.Problems.Select(p => p.Kind).ShouldBe([AgbStoreProblemKind.LayerMissing, AgbStoreProblemKind.LayerOrphaned]);
        report.Problems.ShouldAllBe(p => !p.IsRepaired);
        Directory.Exists(Path.Combine(Paths.Layer("renamed"), "tree")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_living_process_is_making_is_left_alone()
    {
        var context = ReadCatalog(tx => ContextTable.ByName(tx, "plain")!.Id);
        using var living = FileLock.TryAcquire(Paths.ContextLock(context));
        using var staged = StagedLayer.Begin(Paths, new StagingOwner(null, null, false, context));
        (await CheckAsync(repair: true)).Problems.ShouldBeEmpty();
        staged.Place();
        (await CheckAsync(repair: true)).Problems.ShouldBeEmpty();
        Directory.Exists(Paths.Layer(staged.Id)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("UPDATE contexts SET head = 2 WHERE name = 'plain'", AgbStoreProblemKind.HeadWrong)]
    [InlineData("UPDATE versions SET stack = 'nosuchlayer' WHERE version = 3 AND context_id = (SELECT id FROM contexts WHERE name = 'plain')", AgbStoreProblemKind.LayerUnknown)]
    [InlineData("PRAGMA foreign_keys=OFF; INSERT INTO labels VALUES ('s-nobody', 'a', 'b')", AgbStoreProblemKind.CatalogReference)]
    [InlineData("PRAGMA foreign_keys=OFF; UPDATE contexts SET state = 'Nonsense' WHERE name = 'plain'", AgbStoreProblemKind.CatalogDamaged)]
    [InlineData("INSERT INTO sessions (id, image_id, status, network, created_at, owner, sandbox) VALUES ('s-x', 'i', 'Running', 'Host', 0, '', '{')", AgbStoreProblemKind.CatalogDamaged)]
    [InlineData("PRAGMA user_version=99", AgbStoreProblemKind.FormatUnknown)]
    public async Task Wrong_rows_of_the_catalog_are_found_and_never_guessed_at(string sql, AgbStoreProblemKind kind)
    {
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Paths.Catalog};Pooling=false"))
        {
            connection.Open();
            CatalogDb.Execute(connection, sql);
        }
        var problem = (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem();
        (problem.Kind, problem.IsRepaired).ShouldBe((kind, false));
    }

    [Fact]
    public async Task Damaged_pages_of_the_catalog_are_found()
    {
        await using (var file = File.OpenWrite(Paths.Catalog))
        {
            file.Position = 3 * 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0x5a, 4096).ToArray(), Token);
        }
        var report = await CheckAsync(repair: true);
        report.Problems.ShouldNotBeEmpty();
        report.Problems.ShouldAllBe(p => p.Kind == AgbStoreProblemKind.CatalogDamaged && !p.IsRepaired);
    }

    [Fact]
    public async Task A_missing_format_and_a_damaged_marker_are_named()
    {
        File.CreateSymbolicLink(Paths.Marker("strange"), "what is this");
        (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(AgbStoreProblemKind.MarkerDamaged);
        File.Delete(Paths.FormatFile);
        (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(AgbStoreProblemKind.FormatUnknown);
    }

    private void RestoreTime(string layer, string path, byte[]? savedSums = null)
    {
        var copy = Directory.CreateTempSubdirectory("agb-sums-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(copy, LayerSums.FileName), savedSums ?? File.ReadAllBytes(Path.Combine(Paths.Layer(layer), LayerSums.FileName)));
            var entry = LayerSums.Load(copy)!.Entries.Single(e => e.Path == path);
            using var directory = Fd.OpenDirectory(Path.GetDirectoryName(Path.Combine(Paths.LayerTree(layer), path))!);
            directory.SetMtimeAt(Path.GetFileName(path), entry.MtimeNs);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private T ReadCatalog<T>(Func<CatalogTransaction, T> read)
    {
        using var catalog = CatalogDb.Open(Paths.Catalog);
        return catalog.Read(read);
    }

    private string Listing()
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home });
        return string.Join('\n', StoreListing.Of(service));
    }

    /// <summary>Each file of the store but locks and SQLite's own, with time and size.</summary>
    private string Everything() => string.Join('\n', Directory.EnumerateFileSystemEntries(Home, "*", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/locks", StringComparison.Ordinal) && !f.Contains("catalog.db", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(f => $"{f} {File.GetLastWriteTimeUtc(f):O} {(File.Exists(f) ? new FileInfo(f).Length : 0)}"));
}
