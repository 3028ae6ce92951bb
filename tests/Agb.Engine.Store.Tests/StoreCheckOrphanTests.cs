namespace Agb.Engine.Store.Tests;

/// <summary>Layers that the catalog does not have can be given up, and nothing else goes with them.</summary>
public sealed class StoreCheckOrphanTests : KeptStoreTest
{
    [Fact]
    public async Task Whole_and_torn_ones_are_removed_with_their_size_and_all_else_stays()
    {
        var before = Layers();
        MakeOrphan("whole");
        MakeOrphan("torn");
        await File.WriteAllTextAsync(Path.Combine(Paths.Layer("torn"), LayerSums.FileName), "torn", Token);
        SetAge("torn", OrphanRemoval.LeastAge * 2);
        var sums = new FileInfo(Path.Combine(Paths.Layer("whole"), LayerSums.FileName)).Length;

        var report = await RemoveAsync();

        report.IsSound.ShouldBeTrue();
        report.Problems.Select(p => p.Kind).ShouldBe([AgbStoreProblemKind.LayerOrphaned, AgbStoreProblemKind.LayerOrphaned]);
        // A file and its hard link, another one that a layer in use has too, and the sums.
        report.Orphans.OrderBy(o => o.LayerId, StringComparer.Ordinal).ShouldBe(
        [
            new AgbStoreOrphan { LayerId = "torn", Files = 4, Bytes = 1000 + 4 },
            new AgbStoreOrphan { LayerId = "whole", Files = 4, Bytes = 1000 + sums },
        ]);
        Layers().ShouldBe(before);
        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
        (await RemoveAsync()).Orphans.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_check_without_the_option_keeps_them()
    {
        MakeOrphan("whole");
        (await CheckAsync(repair: true)).Orphans.ShouldBeEmpty();
        Layers().ShouldContain("whole");
    }

    [Fact]
    public async Task A_young_one_is_kept()
    {
        MakeOrphan("young");
        SetAge("young", TimeSpan.Zero);
        var report = await RemoveAsync();
        report.Orphans.ShouldHaveSingleItem().KeptBecause!.ShouldContain("less than 60 minutes ago");
        (report.IsSound, Directory.Exists(Paths.Layer("young"))).ShouldBe((false, true));
    }

    [Fact]
    public async Task One_that_another_engine_is_making_is_kept_whether_it_lives_or_not()
    {
        MakeOrphan("made");
        var owner = new StagingOwner(null, null, false, "SdkCtx-1", "files-x");
        Directory.CreateDirectory(Paths.Staging);
        File.CreateSymbolicLink(Paths.Marker("made"), owner.ToString());
        using (FileLock.TryAcquire(owner.LockFile(Paths)).ShouldNotBeNull())
        {
            (await RemoveAsync()).Problems.ShouldBeEmpty();
            (await RemoveAsync(repair: true)).Problems.ShouldBeEmpty();
        }
        (await RemoveAsync()).Problems.ShouldHaveSingleItem().Kind.ShouldBe(AgbStoreProblemKind.StagingLeftover);
        Layers().ShouldContain("made", "it is recovery's, by the marker");
    }

    [Fact]
    public async Task One_that_a_version_names_is_kept_and_with_it_all_others()
    {
        var (layer, _) = Find("private");
        MakeOrphan("other");
        WriteCatalog(tx => tx.Execute("DELETE FROM layers WHERE id = $id", ("$id", layer)));
        SetAge(layer, OrphanRemoval.LeastAge * 2);

        var report = await RemoveAsync(repair: true);

        report.Problems.ShouldContain(p => p.Kind == AgbStoreProblemKind.LayerUnknown && p.LayerId == layer);
        var kept = report.Orphans.ShouldHaveSingleItem();
        kept.LayerId.ShouldBe("other");
        kept.KeptBecause!.ShouldContain("missing");
        (Directory.Exists(Paths.Layer(layer)), Directory.Exists(Paths.Layer("other"))).ShouldBe((true, true));
    }

    /// <summary>What is done between the look and the removal counts.</summary>
    [Theory]
    [InlineData("version")]
    [InlineData("mount")]
    [InlineData("row")]
    [InlineData("marker")]
    [InlineData("staged")]
    public async Task One_that_is_taken_up_after_the_look_is_kept(string how)
    {
        MakeOrphan("late");
        using var catalog = CatalogDb.Open(Paths.Catalog);
        var found = new Findings();
        new StoreCheck(Paths, catalog, new AgbStoreCheckOptions(), found, SessionHandles.Check, Token).Run();
        found.Problems.ShouldHaveSingleItem().LayerId.ShouldBe("late");
        TakeUp(catalog, how);

        await new OrphanRemoval(Paths, catalog, found).RunAsync(Token);

        found.Orphans.ShouldHaveSingleItem().KeptBecause.ShouldBe(how is "marker" or "staged" ? "an operation is making it" : "the catalog names it by now");
        found.Problems.ShouldHaveSingleItem().IsRepaired.ShouldBeFalse();
        Layers().ShouldContain("late");
    }

    [Fact]
    public async Task It_waits_for_those_who_read_layers()
    {
        MakeOrphan("whole");
        Task<AgbStoreReport> removing;
        using (FileLock.AcquireShared(Paths.CollectionLock))
        {
            removing = RemoveAsync();
            // Long enough for all of it if it did not wait; if that is not so the rest of the test still holds.
            await Task.WhenAny(removing, Task.Delay(TimeSpan.FromSeconds(1), Token));
            removing.IsCompleted.ShouldBeFalse();
            Layers().ShouldContain("whole");
        }
        (await removing).IsSound.ShouldBeTrue();
        Layers().ShouldNotContain("whole");
    }

    private static void TakeUp(CatalogDb catalog, StorePaths paths, string how)
    {
        switch (how)
        {
            case "version":
                catalog.Write(tx => tx.Execute("UPDATE versions SET stack = 'late ' || stack WHERE version = 1"));
                break;
            case "mount":
                catalog.Write(tx =>
                {
                    tx.Execute("INSERT INTO sessions (id, image_id, status, network, created_at, owner) VALUES ('s-1', 'i', 'Running', 'None', 0, 'o')");
                    MountTable.Insert(tx, new MountRow
                    {
                        SessionId = "s-1", Name = "m", ContextId = "c", Path = "/d", Policy = new AgbSyncPolicy(), Kind = MountKind.Overlay, Stack = "late", Seen = null,
                    });
                });
                break;
            case "row":
                catalog.Write(tx => VersionTable.InsertLayer(tx, new NewLayer
                {
                    Id = "late", ContextId = ContextTable.All(tx)[0].Id, CreatedAt = DateTimeOffset.UnixEpoch, StoredAt = null, Entries = 1,
                }));
                break;
            case "marker":
                Directory.CreateDirectory(paths.Staging);
                File.CreateSymbolicLink(paths.Marker("late"), "compaction SdkCtx-1");
                break;
            default:
                Directory.CreateDirectory(paths.Staged("late"));
                break;
        }
    }

    private void TakeUp(CatalogDb catalog, string how) => TakeUp(catalog, Paths, how);

    private Task<AgbStoreReport> RemoveAsync(bool repair = false) =>
        AgbStore.CheckAsync(Home, new AgbStoreCheckOptions { Repair = repair, RemoveOrphans = true }, Token);

    private string[] Layers() => [.. Directory.EnumerateDirectories(Paths.Layers).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <summary>A layer that was made to its end, long ago, and that the catalog does not have.</summary>
    private void MakeOrphan(string id)
    {
        var tree = Paths.LayerTree(id);
        Directory.CreateDirectory(Path.Combine(tree, "d"));
        File.WriteAllText(Path.Combine(tree, "d/f"), new string('x', 1000));
        using (var root = Fd.OpenDirectory(tree))
        using (var directory = root.OpenDirectoryAt("d"))
        {
            directory.TryLinkAt("f", root, "linked").ShouldBeTrue();
            using var others = Fd.OpenDirectory(Path.GetDirectoryName(Find("more").File)!);
            others.TryLinkAt("more", root, "shared").ShouldBeTrue();
        }
        LayerSealer.Seal(Paths.Layer(id), []);
        SetAge(id, OrphanRemoval.LeastAge * 2);
    }

    private void SetAge(string id, TimeSpan age) => Directory.SetLastWriteTimeUtc(Paths.Layer(id), DateTime.UtcNow - age);

    private void WriteCatalog(Action<CatalogTransaction> work)
    {
        using var catalog = CatalogDb.Open(Paths.Catalog);
        catalog.Write(work);
    }
}
