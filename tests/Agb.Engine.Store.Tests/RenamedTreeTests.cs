namespace Agb.Engine.Store.Tests;

/// <summary>Renamed directories of earlier versions beside all else that changes a tree: policies, long histories, deep stacks, long paths, marks
/// of another form, downloads.</summary>
public sealed class RenamedTreeTests
{
    private const string Rename = RenameTests.Rename;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_white_list_stores_what_it_covers_under_either_name(bool syncs)
    {
        await using var engine = await RenameTests.CreateAsync();
        var context = await RenameTests.MakeAsync(engine);
        var before = engine.Content(context.Id);
        var session = await engine.SessionAsync(
            context.Id, policy: new AgbSyncPolicy { WhiteLists = [new AgbWhiteList { Path = "src", ExcludePaths = ["src/out"] }] });
        // Within the list, out of it, and to a name that it leaves out.
        await engine.RunAsync(session, Rename + "R src/deep/er src/er; R src/empty unlisted; R src/deep src/out; echo n > src/er/n");
        if (syncs)
        {
            await engine.SyncAsync(session);
        }
        await engine.RemoveAsync(session);

        var content = engine.Content(context.Id);
        content.Keys.Except(before.Keys).ShouldBe(["/data/src/er", "/data/src/er/c", "/data/src/er/n"]);
        before.Keys.Except(content.Keys).ShouldBe(["/data/src/deep", "/data/src/deep/b", "/data/src/deep/er", "/data/src/deep/er/c", "/data/src/empty"]);
        content["/data/src/er/c"].ShouldBe(ContextSnapshot.File("c\n"));
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    [Fact]
    public async Task A_mapping_stores_it_at_the_origin_and_leaves_what_lies_beside()
    {
        await using var engine = await RenameTests.CreateAsync();
        var context = await RenameTests.MakeAsync(engine);
        var below = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/data/src" } };
        var session = await engine.SessionAsync(context.Id, "/data", below);
        await engine.RunAsync(session, Rename + "R deep/er er; R deep er/deep");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, Rename + "R er/deep third; echo n > third/n");
        await engine.RemoveAsync(session);

        var content = engine.Content(context.Id);
        content.Keys.Where(k => k.Contains("er", StringComparison.Ordinal) || k.Contains("third", StringComparison.Ordinal) || k.Contains("deep", StringComparison.Ordinal))
            .ShouldBe(["/data/other", "/data/other/o", "/data/src/er", "/data/src/er/c", "/data/src/third", "/data/src/third/b", "/data/src/third/n"]);
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    [Fact]
    public async Task Fifty_versions_of_a_wandering_directory_are_merged_and_show_the_same()
    {
        await using var engine = await RenameTests.CreateAsync();
        var context = await RenameTests.MakeAsync(engine);
        var stored = RenameTests.Inodes(engine, context, "data/src/deep")["b"];
        var session = await engine.SessionAsync(context.Id);
        var at = "src";
        for (var i = 0; i < 50; i++)
        {
            var to = i % 3 == 0 ? $"other/n{i}" : $"n{i}";
            // The name that it leaves is taken by another directory now and then.
            await engine.RunAsync(session, Rename + $"R {at} {to}; echo {i} > {to}/deep/f{i}; rm -f {to}/deep/f{i - 4}" + (i % 5 == 4 ? $"; mkdir {at}; echo {i} > {at}/f" : ""));
            at = to;
            await engine.SyncAsync(session);
            if (i % 17 == 16)
            {
                var shown = await RenameTests.ShowAsync(engine, session);
                await engine.RemoveAsync(session);
                session = await engine.SessionAsync(context.Id);
                (await RenameTests.ShowAsync(engine, session)).ShouldBe(shown);
            }
        }
        RenameTests.Stack(engine, context).Length.ShouldBeLessThanOrEqualTo(Compactor.MaxDepth);
        var files = RenameTests.Inodes(engine, context, $"data/{at}/deep");
        files.Keys.ShouldBe(["b", "f46", "f47", "f48", "f49"]);
        files["b"].ShouldBe(stored, "fifty renames copy nothing");
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    [Fact]
    public async Task A_stack_that_no_overlay_takes_is_refused_until_the_next_upload_has_merged_it()
    {
        const int Depth = 520;
        await using var engine = await RenameTests.CreateAsync();
        var context = await StoredFileTests.MakeAsync(engine, StoredFileTests.Put("/data/d/first"));
        Deepen(engine, context, Depth);

        (await Should.ThrowAsync<AgbException>(() => engine.SessionAsync(context.Id))).ErrorId.ShouldBe(AgbErrorIds.TooManyLayers);
        (await engine.Service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        Directory.EnumerateFileSystemEntries(engine.Service.Parts.Paths.Sessions).ShouldBeEmpty();

        await StoredFileTests.ChangeAsync(engine, context, StoredFileTests.Put("/data/d/last"));
        RenameTests.Stack(engine, context).Length.ShouldBeLessThanOrEqualTo(Compactor.MaxDepth);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, Rename + "R d e");
        await engine.RemoveAsync(session);
        RenameTests.Inodes(engine, context, "data/e").Count.ShouldBe(Depth + 2);
        engine.Content(context.Id).ShouldNotContainKey("/data/d");
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    /// <summary>The kernel notes at most 256 bytes of a path (redirect_max of the module overlay).</summary>
    [Fact]
    public async Task A_path_too_long_to_be_noted_gives_EXDEV_and_mv_copies()
    {
        await using var engine = await RenameTests.CreateAsync();
        var context = await engine.Service.CreateContextAsync("long", cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id);
        var way = $"{new string('a', 150)}/{new string('b', 150)}";
        await engine.RunAsync(maker, $"cd /data; mkdir -p {way}/d; echo f > {way}/d/f");
        await engine.RemoveAsync(maker);

        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, $"cd /data; perl -e 'print rename(q({way}/d), q(d)) ? 1 : 0 + $!'")).ShouldBe("18");
        await engine.RunAsync(session, Rename + $"R {way}/d {way}/beside; mv {way}/beside short; R short end");
        await engine.RemoveAsync(session);
        engine.Content(context.Id).Keys.ShouldBe(["/data", $"/data/{way.Split('/')[0]}", $"/data/{way}", "/data/end", "/data/end/f"], ignoreOrder: true);
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    [Fact]
    public async Task What_files_with_a_mark_deleted_does_not_come_with_a_rename()
    {
        await using var engine = await RenameTests.CreateAsync();
        var context = await RenameTests.MakeAsync(engine);
        var second = await engine.SessionAsync(context.Id);
        await engine.RunAsync(second, "cd /data; rm src/deep/b; rm -r other; echo n > src/deep/n");
        await engine.RemoveAsync(second);
        // As a home has them that lay on an overlay, and then moved.
        var layer = RenameTests.Stack(engine, context)[0];
        foreach (var (directory, name) in new[] { ("data/src/deep", "b"), ("data", "other") })
        {
            using var holder = Fd.OpenDirectory(Path.Combine(engine.Service.Parts.Paths.LayerTree(layer), directory));
            var time = holder.Stat().MtimeNs;
            holder.UnlinkAt(name);
            AttributeMarks.Make(holder, name);
            holder.SetMtime(time);
        }
        LayerMarks.Note(engine.Service.Parts.Paths.Layer(layer));

        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, Rename + "R src/deep other; R src lib");
        await engine.RemoveAsync(session);
        engine.Content(context.Id).Keys.Where(k => !k.StartsWith("/data/lib", StringComparison.Ordinal))
            .ShouldBe(["/data", "/data/other", "/data/other/er", "/data/other/er/c", "/data/other/n"]);
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    [Fact]
    public async Task A_download_after_a_rename_brings_what_came_under_the_old_name_meanwhile()
    {
        await using var engine = await RenameTests.CreateAsync();
        var context = await RenameTests.MakeAsync(engine);
        var one = await engine.SessionAsync(context.Id);
        var two = await engine.SessionAsync(context.Id);
        await engine.RunAsync(one, Rename + "R src/deep moved; R other src/deep");
        await engine.RunAsync(two, "cd /data; echo theirs > src/deep/theirs; echo theirs > src/a; rm src/twin");
        await engine.RemoveAsync(two);

        (await engine.SyncAsync(one, AgbSyncTaskType.Download)).ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
        (await engine.RunAsync(one, "cd /data; cat src/a moved/b src/deep/o; ls src/twin 2>/dev/null || true")).ShouldBe("theirs\nb\no\n");
        await engine.RemoveAsync(one);
        var content = engine.Content(context.Id);
        content["/data/src/deep/theirs"].ShouldBe(ContextSnapshot.File("theirs\n"));
        content["/data/src/deep/o"].ShouldBe(ContextSnapshot.File("o\n"));
        content["/data/moved/er/c"].ShouldBe(ContextSnapshot.File("c\n"));
        content.ShouldNotContainKey("/data/src/deep/b");
        content.ShouldNotContainKey("/data/src/twin");
        content.ShouldNotContainKey("/data/other");
        await RenameTests.ShouldBeSoundAsync(engine);
    }

    /// <summary>Puts layers of one file each on a context, as many uploads without a merge would.</summary>
    private static void Deepen(EngineFixture engine, AgbContext context, int layers)
    {
        var parts = engine.Service.Parts;
        var made = new List<StagedLayer>();
        // Without it the recovery that a service begins with takes the layers for those of a dead process.
        using var writing = FileLock.TryAcquire(parts.Paths.ContextLock(context.Id)).ShouldNotBeNull();
        try
        {
            for (var i = 0; i < layers; i++)
            {
                var staged = StagedLayer.Begin(parts.Paths, new StagingOwner(null, null, false, context.Id));
                made.Insert(0, staged);
                using (var cursor = new DirectoryCursor(staged.Tree))
                {
                    foreach (var path in (string[])["data", "data/d"])
                    {
                        var parent = cursor.At(BytePath.DirectoryOf(path));
                        parent.MkdirAt(BytePath.NameOf(path));
                        SessionOwner.ChownToSession(parent, BytePath.NameOf(path));
                    }
                    using var file = cursor.At("data/d").CreateAt($"f{i}");
                    SessionOwner.ChownToSession(file);
                }
                staged.Place();
            }
            // In one transaction: layers that no version names are collected.
            parts.Catalog.Write(tx =>
            {
                foreach (var staged in made)
                {
                    VersionTable.InsertLayer(tx, new NewLayer
                    {
                        Id = staged.Id, ContextId = context.Id, CreatedAt = TimeProvider.System.GetUtcNow(), StoredAt = null, Entries = 3,
                    });
                    SealTable.Put(tx, staged.Id, staged.Seal);
                }
                VersionTable.SetStack(
                    tx, context.Id, 1, LayerStack.Format([.. made.Select(s => s.Id), .. LayerStack.Parse(VersionTable.HeadStack(tx, context.Id))]));
            });
            made.ForEach(s => s.Recorded(parts.Log));
        }
        finally
        {
            made.ForEach(s => s.Dispose());
        }
    }
}
