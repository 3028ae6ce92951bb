using System.Text;

namespace Agb.Engine.Store.Tests;

/// <summary>Looking into a context costs what is looked at, and what is being looked at stays.</summary>
public sealed class StoredFileTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_of_a_large_directory_looks_up_its_own_entries_only()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, [.. Enumerable.Range(0, 3000).Select(i => Put($"/flat/{i:d4}"))]);
        await ChangeAsync(engine, context, new AgbContextFileChange.Remove("/flat/0001"), Put("/flat/0002"), new AgbContextFileChange.Remove("/flat/2000"));
        using var version = StoredVersion.Open(engine.Service.Parts, context.Id, null);
        foreach (var (skip, first) in ((int, string)[])[(0, "0000"), (1500, "1501"), (2990, "2992")])
        {
            var walk = new StoredFileWalk(version, recurse: false);
            walk.Walk("/flat", skip).Take(5).First().Name.ShouldBe(first);
            walk = new StoredFileWalk(version, recurse: false);
            walk.Walk("/flat", skip).Take(5).Count().ShouldBe(5);
            // A whiteout does not say what it is in the listing itself, so each of the two takes a look.
            walk.Listing.LookedUp.ShouldBeLessThanOrEqualTo(5 + 2);
            walk.Listing.NamesRead.ShouldBe(3003);
        }
    }

    [Fact]
    public async Task A_directory_of_several_layers_is_merged_once_a_version()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, Put("/d/a"), Put("/d/b"), Put("/d/c"));
        await ChangeAsync(engine, context, Put("/d/b"), new AgbContextFileChange.Remove("/d/a"));
        var first = await ListAsync();
        first.Select(f => f.Name).ShouldBe(["b", "c"]);
        (await ListAsync()).ShouldBe(first);
        using (var version = StoredVersion.Open(engine.Service.Parts, context.Id, null))
        {
            var walk = new StoredFileWalk(version, recurse: false);
            walk.Walk("/d", 1).Single().ShouldBe(first[1]);
            walk.Listing.NamesRead.ShouldBe(0);
        }

        await ChangeAsync(engine, context, Put("/d/e"));
        (await ListAsync()).Select(f => f.Name).ShouldBe(["b", "c", "e"]);
        (await ListAsync(2)).ShouldBe(first);

        Task<List<AgbContextFile>> ListAsync(long? version = null) => engine.Service
            .ListContextFilesAsync(context, new AgbContextFileQuery { Path = "/d", Version = version }, Token).ToListAsync(Token).AsTask();
    }

    [Fact]
    public async Task A_file_removed_from_a_layer_by_hand_is_left_out_of_later_listings()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, Put("/d/a"), Put("/d/b"));
        await ChangeAsync(engine, context, Put("/d/c"));
        (await ListAsync()).ShouldBe(["a", "b", "c"]);
        var layers = engine.Service.Parts.Paths.Layers;
        File.Delete(Directory.EnumerateFiles(layers, "a", SearchOption.AllDirectories).Single());
        (await ListAsync()).ShouldBe(["b", "c"]);
        Directory.Delete(Path.GetDirectoryName(Directory.EnumerateFiles(layers, "b", SearchOption.AllDirectories).Single())!, recursive: true);
        (await ListAsync()).ShouldBe(["c"]);

        async Task<IEnumerable<string>> ListAsync() => (await engine.Service
            .ListContextFilesAsync(context, new AgbContextFileQuery { Path = "/d" }, Token).ToListAsync(Token)).Select(f => f.Name);
    }

    [Fact]
    public async Task A_page_of_a_large_tree_reads_the_directories_that_it_comes_to()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, [.. Enumerable.Range(0, 3000).Select(i => Put($"/tree/{i / 30:d3}/{i % 30:d2}"))]);
        using var version = StoredVersion.Open(engine.Service.Parts, context.Id, null);
        var walk = new StoredFileWalk(version, recurse: true);
        walk.Walk("/", 0).Take(50).Last().Path.ShouldBe("/tree/001/16");
        walk.Listing.LookedUp.ShouldBe(50);
        // The root's one, the hundred below it, and the thirty in each of the first two directories.
        walk.Listing.NamesRead.ShouldBe(1 + 100 + 60);

        walk = new StoredFileWalk(version, recurse: true);
        walk.Walk("/", 3000).Take(10).Last().Path.ShouldBe("/tree/097/00");
        walk.Listing.LookedUp.ShouldBe(10);
    }

    [Fact]
    public async Task A_listing_that_is_not_read_to_its_end_lets_go_when_it_is_left()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, [.. Enumerable.Range(0, 100).Select(i => Put($"/d/{i}"))]);
        await using var files = engine.Service.ListContextFilesAsync(context, new AgbContextFileQuery { Recurse = true }, Token).GetAsyncEnumerator(Token);
        (await files.MoveNextAsync()).ShouldBeTrue();
        FileLock.TryAcquire(engine.Service.Parts.Paths.CollectionLock).ShouldBeNull("a listing keeps layers from being removed");
        await files.DisposeAsync();
        using var free = FileLock.TryAcquire(engine.Service.Parts.Paths.CollectionLock);
        free.ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_being_read_stays_while_layers_are_merged_and_collected()
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay, time);
        var context = await MakeAsync(engine, [.. Enumerable.Range(0, 100).Select(i => Put($"/d{i:d2}/f"))]);
        await using var open = await engine.Service.OpenContextFileAsync(context, "/d50/f", cancellationToken: Token);
        var listed = new List<string>();
        await foreach (var file in engine.Service.ListContextFilesAsync(context, new AgbContextFileQuery { Recurse = true }, Token))
        {
            if (listed.Count == 0)
            {
                for (var i = 0; i < 40; i++)
                {
                    time.Advance(TimeSpan.FromDays(30));
                    await ChangeAsync(engine, context, i == 0 ? new AgbContextFileChange.Remove("/d50", Recurse: true) : Put($"/g{i}"));
                }
                (await engine.Service.ListContextVersionsAsync(context, Token).CountAsync(Token)).ShouldBe(10);
            }
            listed.Add(file.Path);
        }
        listed.Count.ShouldBe(200);
        using (var reader = new StreamReader(open.Content))
        {
            (await reader.ReadToEndAsync(Token)).ShouldBe("/d50/f");
        }
        await engine.Service.SettleAsync();
        // What was condemned meanwhile goes with the next collection.
        await ChangeAsync(engine, context, Put("/last"));
        Directory.EnumerateDirectories(engine.Service.Parts.Paths.Layers).Count()
            .ShouldBe(engine.Service.Parts.Catalog.Read(tx => VersionTable.LayerEntries(tx, context.Id).Count));
        await FailsAsync(AgbErrorIds.VersionNotFound, () => engine.Service.GetContextFileAsync(context, "/d50/f", 1, Token));
        await FailsAsync(AgbErrorIds.VersionNotFound, () => engine.Service.RestoreContextAsync(context, 1, Token));
    }

    [Fact]
    public async Task A_tag_outlives_a_compaction_and_the_time_is_the_files_own_then()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, Put("/first"));
        var tags = new Dictionary<string, string?>();
        for (var i = 0; i < Compactor.MaxDepth; i++)
        {
            await ChangeAsync(engine, context, Put($"/f{i}"));
            tags[$"/f{i}"] = (await engine.Service.GetContextFileAsync(context, $"/f{i}", cancellationToken: Token)).ETag;
        }
        var stack = engine.Service.Parts.Catalog.Read(tx => LayerStack.Parse(VersionTable.HeadStack(tx, ContextTable.ById(tx, context.Id)!)));
        stack.Length.ShouldBeLessThan(Compactor.MaxDepth, "the last change has had the stack compacted");
        var files = await engine.Service.ListContextFilesAsync(context, new AgbContextFileQuery(), Token).ToListAsync(Token);
        files.Where(f => f.Name != "first").ToDictionary(f => f.Path, f => f.ETag).ShouldBe(tags, ignoreOrder: true);
        tags.Values.Distinct().Count().ShouldBe(Compactor.MaxDepth);
        files.Count(f => f.CreatedAt == f.ModifiedAt).ShouldBe(Compactor.RunLength);
    }

    [Fact]
    public async Task A_restored_version_moves_no_data()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, Put("/a/f"), Put("/b/f"));
        await ChangeAsync(engine, context, Put("/a/f"), Put("/a/g"));
        var layers = Directory.EnumerateDirectories(engine.Service.Parts.Paths.Layers).Order().ToArray();
        await engine.Service.RestoreContextAsync(context, 1, Token);
        Directory.EnumerateDirectories(engine.Service.Parts.Paths.Layers).Order().ShouldBe(layers);
    }

    [Fact]
    public async Task A_store_of_the_schema_before_is_brought_up_to_date()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await MakeAsync(engine, Put("/f"));
        var before = await engine.Service.GetContextFileAsync(context, "/f", cancellationToken: Token);
        var paths = engine.Service.Parts.Paths;
        // Closed first: background work of the service reads the catalog too.
        engine.Service.Dispose();
        using var catalog = CatalogDb.Open(paths);
        catalog.Write(tx => tx.Execute(
            """
            ALTER TABLE versions DROP COLUMN origin;
            ALTER TABLE versions DROP COLUMN bytes_removed;
            ALTER TABLE layers DROP COLUMN stored_at;
            ALTER TABLE tasks DROP COLUMN warnings;
            ALTER TABLE tasks DROP COLUMN total_files;
            ALTER TABLE tasks DROP COLUMN total_bytes;
            ALTER TABLE origins DROP COLUMN mode;
            ALTER TABLE origins DROP COLUMN lifecycle;
            ALTER TABLE origins DROP COLUMN recycle_paths;
            ALTER TABLE origins DROP COLUMN recycle_from;
            ALTER TABLE origins DROP COLUMN recycle_next;
            ALTER TABLE layers DROP COLUMN archives_known;
            DROP TABLE layer_archives;
            ALTER TABLE sessions DROP COLUMN limits;
            DROP TABLE seals;
            ALTER TABLE sessions DROP COLUMN ended;
            ALTER TABLE layers DROP COLUMN links;
            ALTER TABLE sessions DROP COLUMN idle_action;
            ALTER TABLE sessions DROP COLUMN forked_from;
            DROP TABLE session_forks;
            ALTER TABLE mounts DROP COLUMN version;
            ALTER TABLE mounts DROP COLUMN read_only;
            ALTER TABLE mounts DROP COLUMN step;
            INSERT INTO layers (id, context_id, created_at, entries, condemned) SELECT 'merged', context_id, created_at + 1, 1, 0 FROM layers;
            PRAGMA user_version = 2;
            """));
        catalog.Dispose();
        engine.Reopen();
        var version = await engine.Service.ListContextVersionsAsync(context, Token).SingleAsync(Token);
        (version.Origin, version.BytesRemoved, version.FilesAdded).ShouldBe((AgbVersionOrigin.Upload, null, 1));
        (await engine.Service.GetContextFileAsync(context, "/f", cancellationToken: Token)).ShouldBe(before with { Service = engine.Service });
        engine.Service.Parts.Catalog.Read(tx => VersionTable.StoredAt(tx, "merged"))["merged"].ShouldBeNull();
    }

    internal static AgbContextFileChange.Put Put(string path) =>
        new(path, _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(path))));

    internal static async Task<AgbContext> MakeAsync(EngineFixture engine, params AgbContextFileChange[] changes)
    {
        var context = await engine.Service.CreateContextAsync(Guid.NewGuid().ToString("N"), cancellationToken: Token);
        await ChangeAsync(engine, context, changes);
        return context;
    }

    internal static async Task ChangeAsync(EngineFixture engine, AgbContext context, params AgbContextFileChange[] changes) =>
        (await engine.Service.ChangeContextFilesAsync(context, changes.ToAsyncEnumerable(), Token)).ShouldNotBeNull();

    private static async Task FailsAsync(string errorId, Func<Task> call) =>
        (await Should.ThrowAsync<AgbException>(call)).ErrorId.ShouldBe(errorId);
}
