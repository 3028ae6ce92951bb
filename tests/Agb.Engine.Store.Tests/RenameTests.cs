namespace Agb.Engine.Store.Tests;

/// <summary>Directories of earlier versions that a session renames: rename(2) works, and the next version holds just what the session shows,
/// without a copy of a stored file.</summary>
public sealed class RenameTests
{
    private const string Made = """
        mkdir -p src/deep/er src/empty other; echo a > src/a; echo b > src/deep/b; echo c > src/deep/er/c; ln -s a src/link; echo o > other/o
        ln src/a src/twin; chmod 750 src/deep; mkfifo src/pipe; echo "not utf-8" > "src/$(printf 'n\351')"; touch -d @1000000000 src/deep
        """;

    /// <summary>The start of a command: R renames by rename(2) alone, where mv(1) would copy.</summary>
    internal const string Rename = "R() { perl -e 'rename($ARGV[0], $ARGV[1]) or die qq($!\\n)' \"$1\" \"$2\"; }; "
        // renameat2(2) with RENAME_EXCHANGE, whose number is of the machine's.
        + "X() { perl -e 'my $n = $ARGV[2] eq q(aarch64) ? 276 : 316; syscall($n, -100, $ARGV[0], -100, $ARGV[1], 2) == 0 or die qq($!\\n)' \"$1\" \"$2\" $(uname -m); }; "
        + "cd /data; set -e\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What a session does, a sync after each.</summary>
    public static TheoryData<string[]> Histories => new(
        ["R src lib"],
        ["R src lib", "echo x > lib/new; echo y >> lib/a; rm lib/deep/b"],
        ["R src lib; echo y >> lib/a; rm lib/deep/b; mkdir lib/n; echo n > lib/deep/n", "rm lib/a; R lib/n lib/m"],
        ["R src lib; mkdir src; echo again > src/a"],
        ["R src lib; mkdir src", "R lib src/in"],
        ["R src lib; R lib src; echo z > src/z"],
        ["R src lib", "R lib src; echo z > src/z"],
        ["R src lib", "R lib src", "R src lib"],
        ["R src lib", "R lib third", "rm -r third/deep"],
        ["rm -r other; R src other"],
        ["rm -r other", "R src other"],
        ["echo mine > other/mine", "rm -r other; R src other"],
        ["R src/deep other/moved; echo n > other/moved/n", "R other src/other"],
        ["R src/deep src/two; R src lib; R lib/two/er top", "R top lib/two/er"],
        ["R src/deep src/two", "R src lib", "rm -r lib/two", "R lib src"],
        ["R src t; R other src; R t other", "echo n > src/n; rm other/a"],
        ["R src/deep/er x; R src/deep y; R src z; R x z/x; R y z/y"],
        ["R src lib; rm -r lib/deep; mkdir lib/deep; echo n > lib/deep/n", "R other lib/deep/o"],
        ["R src lib; rm lib/a; mkdir lib/a; echo in > lib/a/in"],
        ["R src lib", "rm -r lib"],
        ["R src lib; rm -r lib"],
        ["R src lib; chmod 700 lib; chmod 500 lib/deep; setfattr -n user.kind -v nest lib 2>/dev/null || true"],
        ["mkdir -p new/way; R src new/way/src; R new old", "R old/way/src src"],
        ["X src other", "X src/o other/a; X src other", "R other x"],
        ["X src/deep other; echo n > src/deep/n", "rm -r src/deep; X src other"]);

    [Theory]
    [MemberData(nameof(Histories))]
    public Task What_is_synced_is_what_the_session_shows(string[] history) => RunAsync(history, syncs: true);

    [Theory]
    [MemberData(nameof(Histories))]
    public Task What_is_released_is_what_the_session_showed(string[] history) => RunAsync(history, syncs: false);

    [Fact]
    public async Task The_files_of_a_renamed_directory_are_links_to_the_stored_ones()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine);
        var before = Inodes(engine, context, "data/src/deep");
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, Rename + "R src lib");
        await engine.SyncAsync(session);
        Inodes(engine, context, "data/lib/deep").ShouldBe(before);
        await engine.RemoveAsync(session);

        session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, Rename + "R lib/deep deep");
        await engine.RemoveAsync(session);
        Inodes(engine, context, "data/deep").ShouldBe(before);
    }

    [Fact]
    public async Task The_plan_of_a_sync_names_both_names()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, Rename + "R src/deep moved");

        var plan = await engine.Service.PlanSyncAsync(session, new AgbSyncRequest(), Token);
        plan.Select(i => $"{i.Action} {i.Path}").Order(StringComparer.Ordinal).ShouldBe(
            ["Add /data/moved", "Add /data/moved/b", "Add /data/moved/er", "Add /data/moved/er/c", "Delete /data/src/deep", "Delete /data/src/deep/b", "Delete /data/src/deep/er/c"],
            ignoreOrder: false);
    }

    [Fact]
    public async Task The_old_name_stays_where_deletions_are_not_mirrored_and_shares_no_file_with_the_new()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine);
        var session = await engine.SessionAsync(
            context.Id, policy: new AgbSyncPolicy { Delete = new AgbDeletePolicy { SyncLocalFile = false } });
        await engine.RunAsync(session, Rename + "R src/deep moved");
        await engine.RemoveAsync(session);

        var (old, moved) = (Inodes(engine, context, "data/src/deep"), Inodes(engine, context, "data/moved"));
        old.Count.ShouldBe(1);
        moved.Keys.ShouldBe(old.Keys);
        moved.Values.ShouldNotContain(old["b"]);
    }

    [Fact]
    public async Task Two_sessions_that_rename_one_directory_store_two_that_share_no_file()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine);
        var (one, two) = (await engine.SessionAsync(context.Id), await engine.SessionAsync(context.Id));
        await engine.RunAsync(one, Rename + "R src/deep one");
        await engine.RunAsync(two, Rename + "R src/deep two");
        await engine.RemoveAsync(one);
        await engine.RemoveAsync(two);

        var (first, second) = (Inodes(engine, context, "data/one"), Inodes(engine, context, "data/two"));
        first.Keys.ShouldBe(["b"]);
        second.Keys.ShouldBe(["b"]);
        first["b"].ShouldNotBe(second["b"]);
        Inodes(engine, context, "data/src/deep").ShouldBeEmpty();
        await ShouldBeSoundAsync(engine);
    }

    /// <summary>A rename deletes each file that the session knew under the old name, and stores it under the new one.</summary>
    [Fact]
    public async Task What_another_session_made_below_the_old_name_meanwhile_stays_there()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine);
        var (one, two) = (await engine.SessionAsync(context.Id), await engine.SessionAsync(context.Id));
        await engine.RunAsync(two, "cd /data/src/deep; echo theirs > new; echo theirs > b; rm er/c");
        await engine.RunAsync(one, Rename + "R src/deep moved; echo mine > moved/er/mine");
        await engine.RemoveAsync(two);
        await engine.RemoveAsync(one);

        var content = engine.Content(context.Id);
        content["/data/src/deep/new"].ShouldBe(ContextSnapshot.File("theirs\n"));
        content.ShouldNotContainKey("/data/src/deep/b");
        content["/data/moved/b"].ShouldBe(ContextSnapshot.File("b\n"));
        content["/data/moved/er/c"].ShouldBe(ContextSnapshot.File("c\n"));
        content["/data/moved/er/mine"].ShouldBe(ContextSnapshot.File("mine\n"));
        await ShouldBeSoundAsync(engine);
    }

    [Fact]
    public async Task A_download_brings_what_another_session_changed_under_the_new_name()
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine);
        var one = await engine.SessionAsync(context.Id);
        await engine.RunAsync(one, Rename + "R src/deep moved");
        await engine.SyncAsync(one);
        var two = await engine.SessionAsync(context.Id);
        await engine.RunAsync(two, "cd /data/moved; echo changed > b; rm er/c; echo new > new; rm /data/src/a");
        await engine.RemoveAsync(two);

        var tasks = await engine.SyncAsync(one, AgbSyncTaskType.Download);
        tasks.ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
        (await engine.RunAsync(one, "cd /data; cat moved/b moved/new; ls moved/er src/a 2>/dev/null; true")).ShouldBe("changed\nnew\nmoved/er:\n", StringCompareShould.IgnoreLineEndings);
        var before = engine.Content(context.Id);
        await engine.RemoveAsync(one);
        string.Join('\n', engine.Content(context.Id)).ShouldBe(string.Join('\n', before));
    }

    [Fact]
    public async Task It_works_in_the_upload_mode_archive_and_below_a_mapping()
    {
        await using var engine = await CreateAsync();
        var policy = new AgbSyncPolicy
        {
            Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive }, Extract = new AgbExtractPolicy { Extract = true },
            Mapping = new AgbMappingPolicy { Path = "/origin" },
        };
        var context = await engine.Service.CreateContextAsync("archived", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id, policy: policy);
        await engine.RunAsync(session, "cd /data; mkdir -p d/e; echo f > d/e/f; echo x > x");
        await engine.RemoveAsync(session);
        session = await engine.SessionAsync(context.Id, policy: policy);
        await engine.RunAsync(session, Rename + "R d renamed; rm x");
        await engine.SyncAsync(session);
        await engine.RunAsync(session, Rename + "R renamed/e renamed/g");
        await engine.RemoveAsync(session);

        session = await engine.SessionAsync(context.Id, policy: policy);
        (await engine.RunAsync(session, "cd /data; find . | sort; cat renamed/g/f")).ShouldBe(".\n./renamed\n./renamed/g\n./renamed/g/f\nf\n", StringCompareShould.IgnoreLineEndings);
    }

    [Fact]
    public async Task A_session_of_user_marks_gets_EXDEV_and_mv_copies()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.UserOverlay);
        var context = await MakeAsync(engine);
        var session = await engine.SessionAsync(context.Id);
        (await engine.RunAsync(session, "cd /data; perl -e 'print rename(q(src), q(lib)) ? 1 : 0 + $!'")).ShouldBe("18");
        await engine.RunAsync(session, "cd /data; mv src lib");
        await RequireSameAsync(engine, context, session);
    }

    private static async Task RunAsync(string[] history, bool syncs)
    {
        await using var engine = await CreateAsync();
        var context = await MakeAsync(engine);
        var session = await engine.SessionAsync(context.Id);
        foreach (var commands in history)
        {
            await engine.RunAsync(session, Rename + commands);
            if (syncs)
            {
                await engine.SyncAsync(session);
                await RequireSameAsync(engine, context, session);
            }
        }
        var shown = await ShowAsync(engine, session);
        await engine.RemoveAsync(session);
        var next = await engine.SessionAsync(context.Id);
        (await ShowAsync(engine, next)).ShouldBe(shown);
        await engine.RemoveAsync(next);
        await ShouldBeSoundAsync(engine);
    }

    /// <summary>An engine whose sessions can rename such directories, or a skipped test.</summary>
    internal static async Task<EngineFixture> CreateAsync()
    {
        var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var verdict = await HostProbe.GetAsync(engine.Home, fresh: false, Token);
        if (verdict.TrustedError is { } error)
        {
            await engine.DisposeAsync();
            Assert.Skip("Directories of earlier versions can't be renamed here: " + error);
        }
        return engine;
    }

    /// <summary>A context that an earlier session filled.</summary>
    internal static async Task<AgbContext> MakeAsync(EngineFixture engine)
    {
        var context = await engine.Service.CreateContextAsync("renames", cancellationToken: Token);
        var maker = await engine.SessionAsync(context.Id);
        await engine.RunAsync(maker, "cd /data\n" + Made);
        await engine.RemoveAsync(maker);
        return context;
    }

    /// <summary>What a session sees: each entry with its mode, time and content.</summary>
    internal static Task<string> ShowAsync(EngineFixture engine, AgbSession session) => engine.RunAsync(
        session, "cd /data; find . -mindepth 1 -printf '%y %m %T@ %l %P ' \\( -type f -exec md5sum {} \\; -o -print \\) | LC_ALL=C sort");

    private static async Task RequireSameAsync(EngineFixture engine, AgbContext context, AgbSession session)
    {
        await engine.SyncAsync(session);
        var other = await engine.SessionAsync(context.Id);
        (await ShowAsync(engine, other)).ShouldBe(await ShowAsync(engine, session));
        await engine.RemoveAsync(other);
    }

    /// <summary>The layers of a context's newest version, topmost first.</summary>
    internal static string[] Stack(EngineFixture engine, AgbContext context) => LayerStack.Parse(
        engine.Service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, ContextTable.ById(tx, context.Id)!)));

    /// <summary>The stored files of a directory, by name.</summary>
    internal static SortedDictionary<string, ulong> Inodes(EngineFixture engine, AgbContext context, string path)
    {
        using var directory = MergedDirectory.Open(Stack(engine, context).Select(engine.Service.Parts.Paths.LayerTree), path);
        return new(directory.Entries().Where(e => e.Stat.Kind == EntryKind.File).ToDictionary(e => e.Name, e => e.Stat.Ino), StringComparer.Ordinal);
    }

    internal static async Task ShouldBeSoundAsync(EngineFixture engine) =>
        (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
}
