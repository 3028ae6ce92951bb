namespace Agb.Engine.Store.Tests;

/// <summary>Uploads of so many files that several threads store them.</summary>
public sealed class ManyFileTests : IDisposable
{
    private const int Directories = 30;
    private const int FilesInEach = 50;

    private readonly string _directory = Directory.CreateTempSubdirectory("agb-many-file-tests-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Tree => Path.Combine(_directory, "tree");

    private string Layer => Path.Combine(_directory, "layer");

    public void Dispose() => TreeRemover.Remove(_directory);

    [Fact]
    public void What_is_stored_is_what_was_there()
    {
        MakeTree();
        using var source = Fd.OpenDirectory(Tree);
        var plan = Plan(source, new Manifest());
        FileBatch.Divide(plan.Steps).Count.ShouldBeGreaterThan(Directories, "each directory is a piece of work, and a large one is several");

        Write(source, plan, Token);

        var expected = Entries(Tree);
        Entries(Layer).ShouldBe(expected);
        plan.Manifest.Entries.Count.ShouldBe(expected.Count + 1);
        Plan(source, plan.Manifest).Steps.ShouldBeEmpty("the record is of just what was stored");
        var two = File.ReadAllText(Path.Combine(Layer, "linked-1"));
        File.AppendAllText(Path.Combine(Layer, "linked-2"), "more");
        File.ReadAllText(Path.Combine(Layer, "linked-1")).ShouldBe(two + "more", "two names of one file stay that");
    }

    [Fact]
    public void What_vanishes_meanwhile_is_left_to_the_next_upload_and_all_else_is_stored()
    {
        MakeTree();
        using var source = Fd.OpenDirectory(Tree);
        var plan = Plan(source, new Manifest());
        Directory.Delete(Path.Combine(Tree, "d3"), recursive: true);
        File.Delete(Path.Combine(Tree, "d4", "f0"));
        File.Delete(Path.Combine(Tree, "d4", "f1"));
        Directory.CreateDirectory(Path.Combine(Tree, "d4", "f1"));

        Write(source, plan, Token);

        // A directory is stored as it is when its turn comes.
        Entries(Layer).ShouldBe(Entries(Tree).Where(e => e.Path != "d4/f1"));
        plan.Manifest.Find("d4/f0").ShouldBeNull();
        plan.Manifest.Find("d3/f0").ShouldBeNull();
        plan.Manifest.Find("d4/f2").ShouldNotBeNull();
    }

    [Fact]
    public void A_directory_that_vanishes_while_files_are_stored_is_left_to_the_next_upload()
    {
        MakeTree();
        using var source = Fd.OpenDirectory(Tree);
        var plan = Plan(source, new Manifest());
        var gate = new Lock();
        var hasVanished = false;
        var faults = new Faults((operation, path) =>
        {
            // What is closed or has two names is stored before, in the order of the plan.
            if (operation != "create" || path.Contains("/d11/", StringComparison.Ordinal) || path.Contains("/linked-", StringComparison.Ordinal))
            {
                return;
            }
            // Whichever thread is the first to create a file; the others wait at their first one, all of them far from the directory.
            lock (gate)
            {
                if (!hasVanished)
                {
                    Directory.Delete(Path.Combine(Tree, "d8"), recursive: true);
                    hasVanished = true;
                }
            }
        });

        using (FaultSeam.Arm(Layer, faults))
        {
            Write(source, plan, Token);
        }

        hasVanished.ShouldBeTrue();
        Directory.Exists(Path.Combine(Layer, "d8")).ShouldBeTrue("made before it vanished");
        Entries(Layer).Where(e => e.Kind == EntryKind.File && e.Path.StartsWith("d8/", StringComparison.Ordinal)).ShouldBeEmpty();
        plan.Manifest.Find("d8/f1").ShouldBeNull();
        Entries(Layer).Count(e => e.Kind == EntryKind.File && e.Path.StartsWith("d9/", StringComparison.Ordinal)).ShouldBe(200);
    }

    [Theory]
    [InlineData("create", "d7/f20")]
    [InlineData("write", "d0/f1")]
    [InlineData("utimens", "d29/f49")]
    public void An_error_in_one_thread_is_the_uploads(string operation, string path)
    {
        MakeTree();
        using var source = Fd.OpenDirectory(Tree);
        var faults = new Faults((o, p) =>
        {
            if (o == operation && p.TrimEnd('/').EndsWith("/" + path, StringComparison.Ordinal))
            {
                throw new PosixException(o, p, Errno.ENOSPC);
            }
        });

        PosixException error;
        using (FaultSeam.Arm(Layer, faults))
        {
            error = Should.Throw<PosixException>(() => Write(source, Plan(source, new Manifest()), Token));
        }

        error.Errno.ShouldBe(Errno.ENOSPC);
        error.Message.ShouldContain(path);
    }

    [Fact]
    public void Cancellation_ends_every_thread_at_its_next_file()
    {
        MakeTree();
        using var source = Fd.OpenDirectory(Tree);
        using var cancel = new CancellationTokenSource();
        var (before, after) = (0, 0);
        var faults = new Faults((operation, _) =>
        {
            if (operation != "create")
            {
                return;
            }
            if (cancel.IsCancellationRequested)
            {
                Interlocked.Increment(ref after);
            }
            else if (Interlocked.Increment(ref before) == 500)
            {
                cancel.Cancel();
            }
        });

        using (FaultSeam.Arm(Layer, faults))
        {
            Should.Throw<OperationCanceledException>(() => Write(source, Plan(source, new Manifest()), cancel.Token));
        }

        // Each other thread may have had its file in hand.
        after.ShouldBeLessThanOrEqualTo(SharedWork.MostThreads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_full_disk_in_the_midst_leaves_no_trace_and_the_next_try_succeeds(bool release)
    {
        await using var engine = await EngineFixture.CreateAsync(release ? MountKind.Copy : MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("many", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(
            session, $"cd /data; for d in $(seq {Directories}); do mkdir d$d; for f in $(seq {FilesInEach}); do echo $d $f > d$d/f$f; done; done");
        var changes = 0;
        var isFull = false;
        var faults = new Faults((operation, path) =>
        {
            // A release links, one file after another; a sync copies.
            if (operation == (release ? "link" : "create") && path.Contains("/f", StringComparison.Ordinal)
                && Interlocked.Increment(ref changes) == 700)
            {
                isFull = true;
                throw new PosixException(operation, path, Errno.ENOSPC);
            }
        });

        using (FaultSeam.Arm(engine.Home, faults))
        {
            if (release)
            {
                await Should.ThrowAsync<AgbException>(() => engine.RemoveAsync(session));
            }
            else
            {
                await engine.Service.StartSyncAsync(session, new AgbSyncRequest(), Token);
                var tasks = await engine.Service.WaitSyncAsync(session, TimeSpan.FromMinutes(2), cancellationToken: Token);
                tasks.Single(t => t.TaskType == AgbSyncTaskType.Upload).Status.ShouldBe(AgbSyncTaskStatus.Failed);
            }
        }

        isFull.ShouldBeTrue();
        engine.Content(context.Id).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(engine.Home, "staging")).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(engine.Home, "layers")).ShouldBeEmpty();
        await (release ? engine.RemoveAsync(session) : engine.SyncAsync(session));
        var content = engine.Content(context.Id);
        content.Count(e => e.Key.Contains("/f", StringComparison.Ordinal)).ShouldBe(Directories * FilesInEach);
        var report = await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token);
        report.Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("syncfs", "/layers")]
    [InlineData("create", "/manifest.")]
    public async Task What_is_done_beside_the_upload_fails_it_all_the_same(string operation, string path)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("many", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, $"cd /data; for d in $(seq {Directories}); do mkdir d$d; for f in $(seq {FilesInEach}); do echo $d $f > d$d/f$f; done; done");
        var failed = 0;
        var faults = new Faults((o, p) =>
        {
            // The first of them: the flush that begins early, whose error no other flush has to be told.
            if (o == operation && p.Contains(path, StringComparison.Ordinal) && Interlocked.Increment(ref failed) == 1)
            {
                throw new PosixException(o, p, Errno.EIO);
            }
        });

        using (FaultSeam.Arm(engine.Home, faults))
        {
            await Should.ThrowAsync<AgbException>(() => engine.RemoveAsync(session));
        }

        failed.ShouldBeGreaterThan(0);
        engine.Content(context.Id).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(engine.Home, "layers")).ShouldBeEmpty();
        await engine.RemoveAsync(session);
        engine.Content(context.Id).Count(e => e.Key.Contains("/f", StringComparison.Ordinal)).ShouldBe(Directories * FilesInEach);
    }

    private void MakeTree()
    {
        Directory.CreateDirectory(Layer);
        for (var d = 0; d < Directories; d++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(Tree, $"d{d}")).FullName;
            for (var f = 0; f < (d == 9 ? 200 : FilesInEach); f++)
            {
                var file = Path.Combine(directory, $"f{f}");
                File.WriteAllText(file, new string((char)('a' + (f % 26)), (d * 37) + f));
                File.SetUnixFileMode(file, (UnixFileMode)(0x180 | f));
                File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddDays((d * 100) + f));
            }
            File.CreateSymbolicLink(Path.Combine(directory, "link"), $"f{d}");
            Directory.CreateDirectory(Path.Combine(directory, "empty"));
        }
        File.WriteAllBytes(Path.Combine(Tree, "d5", "large"), [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)]);
        File.WriteAllText(Path.Combine(Tree, "linked-1"), "two names");
        using (var tree = Fd.OpenDirectory(Tree))
        {
            tree.TryLinkAt("linked-1", tree, "linked-2").ShouldBeTrue();
        }
        File.SetUnixFileMode(Path.Combine(Tree, "d10", "f8"), UnixFileMode.None);
        File.SetUnixFileMode(Path.Combine(Tree, "d11"), UnixFileMode.None);
    }

    private void Write(Fd source, SyncPlan plan, CancellationToken cancellationToken)
    {
        using var target = Fd.OpenDirectory(Layer);
        using var changes = new ChangeTrees(source);
        using var writer = new LayerWriter(changes, target, plan, link: false);
        writer.Write(cancellationToken);
    }

    private static SyncPlan Plan(Fd tree, Manifest previous) => SyncPlanner.Plan(
        TreeScanner.Scan(tree, OverlayMarks.User, Token), previous, new NothingStored(null), new EffectivePolicy(new AgbSyncPolicy(), "/data"));

    [Fact]
    public void Every_file_is_hashed_by_its_own_content_and_a_shared_one_is_read_once()
    {
        Directory.CreateDirectory(Path.Combine(Tree, "d"));
        for (var i = 0; i < 500; i++)
        {
            File.WriteAllText(Path.Combine(Tree, i % 2 == 0 ? "" : "d", $"f{i}"), $"content {i}");
        }
        File.WriteAllBytes(Path.Combine(Tree, "large"), new byte[20 << 20]);
        File.CreateSymbolicLink(Path.Combine(Tree, "l"), "f0");
        using var tree = Fd.OpenDirectory(Tree);
        tree.TryLinkAt("large", tree, "again").ShouldBeTrue();
        var entries = new LayerWalk(Token).Read(tree);
        var contents = new LayerContents(Token);
        contents.Add(tree, entries, _ => false).ShouldBeEmpty();
        var walk = new LayerWalk(Token);
        using var cursor = new DirectoryCursor(tree);
        foreach (var entry in entries)
        {
            UInt128? expected = entry.Kind == EntryKind.File ? walk.Hash(cursor.At(BytePath.DirectoryOf(entry.Path)), BytePath.NameOf(entry.Path)) : null;
            entry.Content.ShouldBe(expected, entry.Path);
        }
        contents.BytesHashed.ShouldBeInRange(20 << 20, 30 << 20);
        contents.Add(tree, new LayerWalk(Token).Read(tree), _ => false).ShouldBeEmpty();
        contents.BytesHashed.ShouldBeLessThan(30 << 20);
    }

    /// <summary>All entries of a tree but its root, with hashes of the files' content.</summary>
    private static List<LayerEntry> Entries(string path)
    {
        using var tree = Fd.OpenDirectory(path);
        var entries = new LayerWalk(Token).Read(tree);
        new LayerContents(Token).Add(tree, entries, _ => false).ShouldBeEmpty();
        return entries[1..];
    }

    private sealed class Faults(Action<string, string> reach) : IFaults
    {
        public long Reach(string operation, string path, long count)
        {
            reach(operation, path);
            return count;
        }
    }
}
