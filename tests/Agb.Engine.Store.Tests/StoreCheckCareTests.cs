namespace Agb.Engine.Store.Tests;

/// <summary>A check takes nothing away from a store and names nothing damage that is none: not what can't be read at the moment, not
/// what is in use, not what is somebody else's.</summary>
public sealed class StoreCheckCareTests : KeptStoreTest
{
    private const int EMFILE = 24;

    [Fact]
    public async Task A_deep_check_adds_hashes_and_replaces_none()
    {
        var (layer, _) = Find("private");
        var full = LayerSums.Load(Paths.Layer(layer))!;
        ForgetHash(layer, "home/data/program");

        using (FaultSeam.Arm(Home, new FailingReads("/home/data/private", Errno.EIO)))
        {
            var problem = (await CheckAsync(deep: true)).Problems.ShouldHaveSingleItem();
            (problem.Kind, problem.Path).ShouldBe((AgbStoreProblemKind.EntryUnreadable, "/home/data/private"));
        }
        Hash(layer, "home/data/private").ShouldNotBeNull("it was known");

        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
        LayerSums.Load(Paths.Layer(layer))!.Entries.ShouldBe(full.Entries);
        Seal(layer).ShouldBe(full.Seal);
    }

    [Fact]
    public async Task A_seal_that_a_dead_check_did_not_write_is_written_by_the_next()
    {
        var (layer, _) = Find("private");
        var full = LayerSums.Load(Paths.Layer(layer))!;
        WriteCatalog(tx => SealTable.Put(tx, layer, full.Seal with { Contents = null }));
        (await CheckAsync()).Problems.ShouldBeEmpty();
        Seal(layer)!.Contents.ShouldBeNull();
        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
        Seal(layer).ShouldBe(full.Seal);
    }

    [Fact]
    public async Task A_layer_in_use_is_kept_though_its_context_is_gone()
    {
        var (layer, _) = Find("private");
        Execute($"UPDATE layers SET context_id = 'SdkCtx-nobody' WHERE id = '{layer}'");
        var problem = (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem();
        (problem.Kind, problem.Context, problem.LayerId, problem.IsRepaired).ShouldBe((AgbStoreProblemKind.CatalogReference, "plain", layer, false));
        problem.Versions.ShouldBe([1, 2, 3]);
        Directory.Exists(Paths.LayerTree(layer)).ShouldBeTrue();
        WriteCatalog(tx => VersionTable.Ownerless(tx, [layer]).ShouldBeEmpty());
    }

    [Fact]
    public async Task A_layer_that_nobody_uses_and_whose_context_is_gone_is_removed()
    {
        Directory.CreateDirectory(Paths.LayerTree("spare"));
        WriteCatalog(tx => VersionTable.InsertLayer(tx, new NewLayer
        {
            Id = "spare", ContextId = "SdkCtx-nobody", CreatedAt = DateTimeOffset.UnixEpoch, StoredAt = null, Entries = 0,
        }));
        var problem = (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem();
        (problem.Kind, problem.LayerId, problem.IsRepaired).ShouldBe((AgbStoreProblemKind.LayerOwnerless, "spare", true));
        Directory.Exists(Paths.Layer("spare")).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_users_store_is_refused_and_stays_as_it_is()
    {
        if (Posix.Geteuid() != 0)
        {
            Assert.Skip("Only root can give a directory away.");
        }
        using (var home = Fd.OpenDirectory(Home))
        {
            home.Chown(54321, 54321);
        }
        TreeRemover.Remove(Paths.Locks);
        var refused = await Should.ThrowAsync<AgbException>(() => CheckAsync(deep: true, repair: true));
        (refused.ErrorId, refused.Remedy).ShouldBe((AgbErrorIds.AccessDenied, "Run it as that user."));
        refused.Message.ShouldContain("54321");
        Directory.Exists(Paths.Locks).ShouldBeFalse();
    }

    [Fact]
    public void Sums_that_cannot_be_read_say_nothing_to_a_merge()
    {
        var (layer, _) = Find("private");
        var sums = Path.Combine(Paths.Layer(layer), LayerSums.FileName);
        File.Delete(sums);
        Directory.CreateDirectory(sums);
        var (made, _) = Find("more");
        LayerSealer.Seal(Paths.Layer(made), [Paths.Layer(layer)]).ShouldBe(Seal(made));

        using (FaultSeam.Arm(Home, new FailingReads($"{layer}/sums", EMFILE)))
        {
            Should.Throw<PosixException>(() => LayerSealer.Seal(Paths.Layer(made), [Paths.Layer(layer)])).Errno.ShouldBe(EMFILE);
        }
    }

    [Fact]
    public void What_a_session_uploads_during_a_check_is_no_damage()
    {
        var context = ReadCatalog(tx => ContextTable.ByName(tx, "plain")!.Id);
        WriteCatalog(tx =>
        {
            tx.Execute("INSERT INTO sessions (id, image_id, status, network, created_at, owner) VALUES ('s-1', 'i', 'Running', 'None', 0, 'o')");
            MountTable.Insert(tx, new MountRow
            {
                SessionId = "s-1", Name = "m", ContextId = context, Path = "/d", Policy = new AgbSyncPolicy(), Kind = MountKind.Copy, Stack = "", Seen = null,
            });
            tx.Execute("UPDATE mounts SET manifest = 'old'");
        });
        var mount = Paths.Mount("s-1", "m");
        Directory.CreateDirectory(Path.Combine(mount, "data"));
        using var catalog = CatalogDb.Open(Paths.Catalog);
        var snapshot = CatalogSnapshot.Read(catalog);
        // The upload that came after the snapshot.
        new Manifest().Save(Path.Combine(mount, "manifest.new"));
        WriteCatalog(tx => tx.Execute("UPDATE mounts SET manifest = 'new'"));
        Look(snapshot).ShouldBeEmpty();

        File.Delete(Path.Combine(mount, "manifest.new"));
        Look(snapshot).ShouldHaveSingleItem().Kind.ShouldBe(AgbStoreProblemKind.SessionRecordDamaged);
        WriteCatalog(tx => SessionTable.SetReleased(tx, "s-1", DateTimeOffset.UnixEpoch));
        Look(snapshot).ShouldBeEmpty();

        IReadOnlyList<AgbStoreProblem> Look(CatalogSnapshot before)
        {
            var found = new Findings();
            new SessionCheck(Paths, catalog, before, found).Run();
            return found.Problems;
        }
    }

    [Fact]
    public async Task Of_two_entries_that_are_shown_alike_the_right_one_is_repaired()
    {
        var (layer, file) = Find("private");
        var directory = Path.GetDirectoryName(file)!;
        string[] alike = [Path.Combine(directory, "n\n"), Path.Combine(directory, "n\\x0a")];
        const UnixFileMode first = UnixFileMode.UserRead | UnixFileMode.UserWrite, second = first | UnixFileMode.UserExecute, wrong = first | UnixFileMode.GroupRead;
        await File.WriteAllTextAsync(alike[0], "one", Token);
        await File.WriteAllTextAsync(alike[1], "two", Token);
        File.SetUnixFileMode(alike[0], first);
        File.SetUnixFileMode(alike[1], second);
        await RecordAnewAsync(layer);

        File.SetUnixFileMode(alike[1], wrong);
        (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem().IsRepaired.ShouldBeTrue();
        alike.Select(File.GetUnixFileMode).ShouldBe([first, second]);
        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_directory_that_was_closed_is_opened_again()
    {
        var (_, file) = Find("program");
        var directory = Path.Combine(Path.GetDirectoryName(file)!, "d");
        var mode = File.GetUnixFileMode(directory);
        File.SetUnixFileMode(directory, UnixFileMode.None);
        (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem().IsRepaired.ShouldBeTrue();
        File.GetUnixFileMode(directory).ShouldBe(mode);
        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_layer_that_an_older_catalog_does_not_know_is_kept()
    {
        var (layer, _) = Find("private");
        CopySums(layer, "uploaded");
        CopySums(layer, "torn");
        await File.WriteAllTextAsync(Path.Combine(Paths.Layer("torn"), LayerSums.FileName), "torn", Token);
        var problems = (await CheckAsync(repair: true)).Problems;
        problems.Select(p => (p.Kind, p.LayerId, p.IsRepaired)).ShouldBe(
            [(AgbStoreProblemKind.LayerOrphaned, "uploaded", false), (AgbStoreProblemKind.LayerOrphaned, "torn", true)], ignoreOrder: true);
        (Directory.Exists(Paths.Layer("uploaded")), Directory.Exists(Paths.Layer("torn"))).ShouldBe((true, false));
    }

    [Fact]
    public async Task Leftovers_stay_where_an_entry_is_missing()
    {
        File.Delete(Find("private").File);
        Directory.CreateDirectory(Path.Combine(Paths.Staging, "unmarked", "tree"));
        (await CheckAsync(repair: true)).Problems.ShouldContain(p => p.Kind == AgbStoreProblemKind.StagingLeftover && !p.IsRepaired);
        Directory.Exists(Path.Combine(Paths.Staging, "unmarked")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_catalog_that_cannot_be_opened_is_not_called_damaged()
    {
        // In the way of SQLite's own file, as a missing permission is.
        File.Delete(Paths.Catalog + "-wal");
        Directory.CreateDirectory(Paths.Catalog + "-wal");
        (await Should.ThrowAsync<AgbException>(() => CheckAsync(repair: true))).ErrorId.ShouldBe(AgbErrorIds.AccessDenied);
    }

    [Fact]
    public async Task A_store_without_format_and_catalog_is_still_one()
    {
        foreach (var file in Directory.GetFiles(Home))
        {
            File.Delete(file);
        }
        AgbStore.Exists(Home).ShouldBeTrue();
        (await CheckAsync()).Problems.ShouldHaveSingleItem().Kind.ShouldBe(AgbStoreProblemKind.CatalogDamaged);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_ends_the_check_of_its_layer_alone()
    {
        var (layer, _) = Find("private");
        File.Delete(Path.Combine(Paths.Layer(layer), LayerSums.FileName));
        using (FaultSeam.Arm(Home, new FailingReads("/home/data/private", Errno.EIO)))
        {
            var report = await CheckAsync(repair: true);
            report.Problems.Select(p => (p.Kind, p.LayerId, p.IsRepaired)).ShouldBe(
                [(AgbStoreProblemKind.SumsMissing, layer, false), (AgbStoreProblemKind.EntryUnreadable, layer, false)]);
        }
        (await CheckAsync(repair: true)).Problems.ShouldHaveSingleItem().IsRepaired.ShouldBeTrue();
    }

    [Theory]
    [InlineData("/sums")]
    [InlineData("/times")]
    [InlineData("/home/data/private")]
    public async Task A_host_without_descriptors_is_no_damage(string ending)
    {
        LayerTimes.Save(Paths.LayerTimes(Find("private").Layer), []);
        using (FaultSeam.Arm(Home, new FailingReads(ending, EMFILE)))
        {
            (await Should.ThrowAsync<AgbException>(() => CheckAsync(deep: true))).ErrorId.ShouldBe(AgbErrorIds.HostExhausted);
        }
        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
    }

    private UInt128? Hash(string layer, string path) => LayerSums.Load(Paths.Layer(layer))!.Entries.Single(e => e.Path == path).Content;

    private LayerSeal? Seal(string layer) => ReadCatalog(SealTable.All).GetValueOrDefault(layer);

    /// <summary>As if a file had been too big to be hashed when it was stored.</summary>
    private void ForgetHash(string layer, string path)
    {
        var sums = new LayerSums([.. LayerSums.Load(Paths.Layer(layer))!.Entries.Select(e => e.Path == path ? e with { Content = null } : e)]);
        sums.Save(Paths.Layer(layer));
        WriteCatalog(tx => SealTable.Put(tx, layer, sums.Seal));
    }

    /// <summary>As if the layer had been made with what it holds now.</summary>
    private async Task RecordAnewAsync(string layer)
    {
        File.Delete(Path.Combine(Paths.Layer(layer), LayerSums.FileName));
        Execute($"DELETE FROM seals WHERE layer_id = '{layer}'");
        (await CheckAsync(deep: true)).Problems.ShouldBeEmpty();
    }

    private void CopySums(string layer, string name)
    {
        Directory.CreateDirectory(Paths.LayerTree(name));
        File.Copy(Path.Combine(Paths.Layer(layer), LayerSums.FileName), Path.Combine(Paths.Layer(name), LayerSums.FileName));
    }

    private void Execute(string sql) => WriteCatalog(tx => tx.Execute(sql));

    private void WriteCatalog(Action<CatalogTransaction> work)
    {
        using var catalog = CatalogDb.Open(Paths.Catalog);
        catalog.Write(work);
    }

    private T ReadCatalog<T>(Func<CatalogTransaction, T> read)
    {
        using var catalog = CatalogDb.Open(Paths.Catalog);
        return catalog.Read(read);
    }

    /// <summary>Reading what a path ends with fails.</summary>
    private sealed class FailingReads(string ending, int errno) : IFaults
    {
        public long Reach(string operation, string path, long count) => count;

        public void ReachRead(string path)
        {
            if (path.EndsWith(ending, StringComparison.Ordinal))
            {
                throw new PosixException("read", path, errno);
            }
        }
    }
}
