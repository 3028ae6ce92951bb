namespace Agb.Conformance.Policies;

/// <summary>Tests of the upload mode Archive: the context holds a zip, and sessions see the packed tree.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.UserOverlay, Long = Services.UserCopy)]
public sealed class ArchiveModeTests : ServiceTest
{
    private const string Path = "/home/data";
    private const string Look = @"find . -mindepth 1 -printf '%P %y %m %T@ %s %l\n' | sed 's/^\([^ ]* d [^ ]* [^ ]*\) [0-9]*/\1/' | LC_ALL=C sort; find . -type f -exec md5sum {} + | LC_ALL=C sort";
    private static readonly AgbSyncPolicy s_archive = new() { Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive } };
    private static readonly AgbSyncPolicy s_packed = s_archive with { Extract = new AgbExtractPolicy { Extract = false } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_session_sees_the_identical_tree(bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path, s_archive));
        await ShellAsync(
            session,
            "mkdir -p d/e/empty 'with space'; seq 1 100000 >d/big; echo x >'with space/ü\\'; : >none; chmod 640 d/big; chmod 4755 none; chmod 700 d/e/empty;"
            + " ln -s /nowhere/at/all d/abs; ln -s ../none d/rel; mkfifo pipe; touch -h -d '2001-02-03 04:05:06.123456789 UTC' d/abs;"
            + " touch -d '1975-02-03 04:05:06.987654321 UTC' d/big; touch -d '2002-02-03 04:05:06.5 UTC' d/e/empty d/e d",
            Path);
        var expected = await ShellAsync(session, Look, Path);
        await StoreAsync(session, onRelease);
        (await ShellAsync(await StartAsync(context.At(Path, s_archive)), Look, Path)).ShouldBe(expected);
    }

    [Fact]
    public async Task Without_extraction_a_session_sees_one_zip_that_unzip_reads()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "mkdir -p d/empty; echo 1 >d/f; chmod 750 d/f; ln -s f d/l");
        var session = await StartAsync(context.At(Path, s_packed));
        (await ShellAsync(session, "ls -A", Path)).ShouldBe("archive.zip");
        const string Read =
            "import zipfile; z = zipfile.ZipFile('archive.zip'); assert z.testzip() is None;"
            + " print(' '.join(sorted(f'{i.filename}:{i.external_attr >> 16:o}' for i in z.infolist())))";
        (await ShellAsync(session, $"python3 -c \"{Read}\"", Path)).ShouldBe("d/:40755 d/empty/:40755 d/f:100750 d/l:120777");
        (await UploadAsync(session)).Version.ShouldBeNull();
    }

    [Fact]
    public async Task Changes_additions_and_deletions_are_stored()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "mkdir -p d/e; echo 1 >a; echo 1 >b; echo 1 >d/e/f");
        var session = await StartAsync(context.At(Path, s_archive));
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ShellAsync(session, "echo 2 >a; rm b; rm -r d; mkdir d; echo 2 >d/new", Path);
        (await UploadAsync(session)).Files.ShouldBe(4);
        await ShellAsync(session, "echo 3 >d/new; echo 3 >last", Path);
        await ReleaseAsync(session);
        (await TreeAsync(context)).ShouldBe(["a=2", "d/", "d/new=3", "last=3"]);
    }

    [Fact]
    public async Task An_ended_sync_counts_its_content_once()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path, s_archive));
        await ShellAsync(session, "head -c 3000000 /dev/zero >large; echo 1 >small", Path);
        var task = await UploadAsync(session);
        (task.Files, task.Bytes, task.TotalFiles, task.TotalBytes).ShouldBe((2, 3_000_002, 2, 3_000_002));
    }

    [Fact]
    public async Task Two_sessions_merge_per_file()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "mkdir d; echo 0 >both; echo 0 >gone; echo 0 >d/f");
        var one = await StartAsync(context.At(Path, s_archive));
        var two = await StartAsync(context.At(Path, s_archive));
        await ShellAsync(one, "echo 1 >both; echo 1 >d/one; echo 1 >first", Path);
        await ShellAsync(two, "echo 2 >both; rm -r gone d; echo 2 >second", Path);
        await ReleaseAsync(one);
        await ReleaseAsync(two);
        (await TreeAsync(context)).ShouldBe(["both=2", "d/", "d/one=1", "first=1", "second=2"]);
    }

    [Fact]
    public async Task A_mount_that_is_emptied_leaves_no_zip()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "echo 1 >a");
        var session = await StartAsync(context.At(Path, s_archive));
        await ShellAsync(session, "rm a", Path);
        (await UploadAsync(session)).Warnings.Count.ShouldBe(1);
        (await ShellAsync(await StartAsync(context.At(Path, s_packed)), "ls -A", Path)).ShouldBe("");
    }

    [Fact]
    public async Task Without_mirrored_deletions_nothing_leaves_the_archive()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "mkdir d; echo 1 >a; echo 1 >d/b");
        var session = await StartAsync(context.At(Path, s_archive with { Delete = new AgbDeletePolicy { SyncLocalFile = false } }));
        await ShellAsync(session, "rm -r a d; echo 2 >c", Path);
        await ReleaseAsync(session);
        (await TreeAsync(context)).ShouldBe(["a=1", "c=2", "d/", "d/b=1"]);
    }

    [Fact]
    public async Task A_white_list_holds_inside_the_archive()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "mkdir src docs; echo 1 >src/a; echo 1 >src/b; echo 1 >docs/c; echo 1 >top");
        var session = await StartAsync(context.At(Path, s_archive with { WhiteLists = [new AgbWhiteList { Path = "src" }] }));
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/a=1", "src/b=1"]);
        await ShellAsync(session, "echo 2 >src/a; rm src/b; echo 2 >top; mkdir docs; echo 2 >docs/c", Path);
        await ReleaseAsync(session);
        (await TreeAsync(context)).ShouldBe(["docs/", "docs/c=1", "src/", "src/a=2", "top=1"]);
    }

    [Fact]
    public async Task Downloads_and_mappings_see_the_tree_too()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "mkdir d; echo 1 >a; echo 1 >d/b");
        var running = await StartAsync(context.At(Path, s_archive));
        var mapped = await StartAsync(context.At(
            "/srv/target", s_archive with { Mapping = new AgbMappingPolicy { Path = Path }, Download = new AgbDownloadPolicy { AutoDownload = false } }));
        (await TreeAsync(mapped, "/srv/target")).ShouldBeEmpty();
        (await DownloadAsync(mapped)).Files.ShouldBe(2);
        await ShellAsync(mapped, "echo 2 >a; rm -r d", "/srv/target");
        await ReleaseAsync(mapped);
        (await DownloadAsync(running)).Files.ShouldBe(2);
        (await TreeAsync(running, Path)).ShouldBe(["a=2"]);
    }

    [Fact]
    public async Task Archives_in_the_mount_are_files_like_others()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Archives.Write("a.zip", Archives.Zip(("f", "1"))) + Archives.Write("archive.zip", Archives.Zip(("g", "1"))));
        (await ShellAsync(await StartAsync(context.At(Path, s_archive)), "ls -A", Path)).ShouldBe("a.zip\narchive.zip");
    }

    [Fact]
    public async Task A_session_that_sees_the_zip_may_add_to_it_replace_it_and_delete_it()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "echo 1 >a; echo 1 >b");
        await FillAsync(context, "echo 2 >b; echo 2 >c", s_packed);
        (await TreeAsync(context)).ShouldBe(["a=1", "b=2", "c=2"]);
        await FillAsync(context, Archives.Write("archive.zip", Archives.Zip(("z", "3"))), s_packed);
        (await TreeAsync(context)).ShouldBe(["z=3"]);
        await FillAsync(context, "rm archive.zip; echo 4 >n", s_packed);
        (await TreeAsync(context)).ShouldBe(["n=4"]);
    }

    [Fact]
    public async Task The_mode_of_stored_data_can_not_be_changed()
    {
        var files = await NewContextAsync();
        await FillAsync(files, "echo 1 >a", new AgbSyncPolicy());
        var error = await RefusesSessionAsync(AgbErrorIds.PolicyNotSupported, files.At(Path, s_archive));
        error.Message.ShouldContain("File");
        error.Message.ShouldContain(Path);
        await RefusesSessionAsync(
            AgbErrorIds.PolicyNotSupported, files.At("/srv/x", s_archive with { Mapping = new AgbMappingPolicy { Path = Path } }));

        var archived = await NewContextAsync();
        await FillAsync(archived, "echo 1 >a");
        (await RefusesSessionAsync(AgbErrorIds.PolicyNotSupported, archived.At(Path))).Message.ShouldContain("Archive");
        await RefusesSessionAsync(AgbErrorIds.PolicyNotSupported, archived.At(Path + "/sub"));
        await FillAsync(archived, "rm a");
        await FillAsync(archived, "echo 1 >f", new AgbSyncPolicy());
        (await StoredAsync(archived, Path)).ShouldBe(["f=1"]);
    }

    [Fact]
    public async Task Two_sessions_that_began_with_nothing_can_not_store_in_both_modes()
    {
        var context = await NewContextAsync();
        var one = await StartAsync(context.At(Path));
        var two = await StartAsync(context.At(Path, s_archive));
        await ShellAsync(one, "echo 1 >a", Path);
        await ShellAsync(two, "echo 2 >b", Path);
        await UploadAsync(one);
        await Service.StartSyncAsync(two, new AgbSyncRequest(), Token);
        var task = (await Service.WaitSyncAsync(two, Patience, cancellationToken: Token)).Single(t => t.TaskType == AgbSyncTaskType.Upload);
        task.Status.ShouldBe(AgbSyncTaskStatus.Failed);
        task.ErrorMessage.ShouldNotBeNull().ShouldContain("upload mode File");
        (await StoredAsync(context, Path)).ShouldBe(["a=1"]);
    }

    [Fact]
    public async Task What_an_archive_can_not_be_is_refused()
    {
        var context = await NewContextAsync();
        await RefusesSessionAsync(
            AgbErrorIds.PolicyNotSupported, context.At(Path, s_archive with { Mapping = new AgbMappingPolicy { Path = "/" } }));
        await RefusesSessionAsync(
            AgbErrorIds.PolicyNotSupported,
            context.At(Path, s_archive with { Recycle = new AgbRecyclePolicy { Lifecycle = AgbLifecycle.Lifecycle_1Day, Paths = ["tmp"] } }));
    }

    [Fact]
    public async Task A_limit_of_deletions_counts_the_files_inside()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "echo 1 >a; echo 1 >b; echo 1 >c; echo 1 >d");
        var session = await StartAsync(context.At(Path, s_archive));
        await ShellAsync(session, "rm a", Path);
        var error = await RefusesAsync(
            AgbErrorIds.TooManyDeletions, () => Service.StartSyncAsync(session, new AgbSyncRequest { MaxDeletePercent = 24 }, Token));
        error.Message.ShouldContain("1 of 4");
    }

    private async Task FillAsync(AgbContext context, string command, AgbSyncPolicy? policy = null)
    {
        var session = await StartAsync(context.At(Path, policy ?? s_archive));
        await ShellAsync(session, command, Path);
        await ReleaseAsync(session);
    }

    private async Task<string[]> TreeAsync(AgbContext context)
    {
        var session = await StartAsync(context.At(Path, s_archive));
        var tree = await TreeAsync(session, Path);
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        return tree;
    }
}
