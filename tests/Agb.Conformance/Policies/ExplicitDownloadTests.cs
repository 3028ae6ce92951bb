namespace Agb.Conformance.Policies;

/// <summary>Tests of explicit downloads: they change differing files, keep the session's changes unless
/// forced, and report their actions.</summary>
[RunsOn(Services.Overlay | Services.Copy, Long = Services.UserOverlay)]
public sealed class ExplicitDownloadTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task A_forced_download_makes_stored_files_what_they_are_stored_as()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d gone; echo 0 >both; echo 0 >mine; echo 0 >lost; echo 0 >d/f; echo 0 >gone/g; echo 0 >same; ln -s a link");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo mine >both; echo mine >mine; rm lost; rm -r d; echo mine >gone/g; ln -sfn b link; echo mine >new", Path);
        await FillAsync(context, Path, "echo theirs >both; rm -r gone");
        var task = await ForceAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["both=theirs", "d/", "d/f=0", "link->a", "lost=0", "mine=0", "new=mine", "same=0"]);
        task.Skipped.ShouldBeEmpty();
        task.Files.ShouldBe(6);
        (await UploadAsync(session)).Files.ShouldBe(1);
        (await StoredAsync(context, Path)).ShouldBe(["both=theirs", "d/", "d/f=0", "link->a", "lost=0", "mine=0", "new=mine", "same=0"]);
    }

    [Fact]
    public async Task A_forced_download_keeps_what_the_session_made_where_it_had_uploaded_a_deletion()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d e; echo 0 >f; echo 0 >d/g; echo 0 >same");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm -r f d e", Path);
        await UploadAsync(session);
        await ShellAsync(session, "mkdir d; echo mine >f; echo mine >d/g; echo mine >e", Path);
        (await ForceAsync(session)).Files.ShouldBe(0);
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/g=mine", "e=mine", "f=mine", "same=0"]);
    }

    [Theory]
    [InlineData("echo theirs >d", "regular file")]
    [InlineData("ln -s a d", "symbolic link")]
    [InlineData("mkfifo d", "fifo")]
    public async Task What_replaced_a_directory_arrives_as_long_as_the_session_changed_nothing_in_it(string replace, string expected)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/sub e/sub; echo 0 >a; echo 0 >d/f; echo 0 >d/sub/g; echo 0 >e/sub/g");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo mine >e/sub/new", Path);
        await FillAsync(context, Path, $"rm -r d e; {replace}; cp -a d e");
        var task = await DownloadAsync(session);
        task.Skipped.ShouldHaveSingleItem().ShouldStartWith("e: kept");
        (await ShellAsync(session, "stat -c %F d; find e -type f | sort", Path)).ShouldBe($"{expected}\ne/sub/g\ne/sub/new");
        var forced = await ForceAsync(session);
        forced.Skipped.ShouldBeEmpty();
        forced.Warnings.ShouldHaveSingleItem().ShouldStartWith("e/sub/new: removed");
        (await ShellAsync(session, "stat -c %F e", Path)).ShouldBe(expected);
        (await UploadAsync(session)).Version.ShouldBeNull();
    }

    [Fact]
    public async Task Modes_attributes_and_times_arrive_also_of_what_the_session_uploaded()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p given/sub; echo 0 >given/f; echo 0 >same; touch -d @1000000000 given/sub same");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "mkdir -p own/sub; echo 1 >own/f; echo 1 >own/g; echo 1 >own/kept; touch -d @1000000002 own/kept", Path);
        await UploadAsync(session);
        const string Set = "import os; [os.setxattr(p, 'user.n', b'1') for p in ('own/g', 'own/sub', 'given')]";
        await FillAsync(
            context, Path, $"chmod 755 own/f; chmod 700 own given given/sub .; python3 -c \"{Set}\"; touch -d @1000000001 own/sub given/sub; printf 9 | dd of=own/kept conv=notrunc status=none; touch -d @1000000002 own/kept;"
            + " printf '5\\n' >same; touch -d @1000000000 same");
        (await DownloadAsync(session)).Skipped.ShouldBeEmpty();
        const string Get = "import os; print([len(os.listxattr(p)) for p in ('own/g', 'own/sub', 'given', 'own/f')])";
        (await ShellAsync(session, $"stat -c '%a %Y' own/sub given/sub; stat -c %a own/f own given .; python3 -c \"{Get}\"; cat own/kept same", Path)).ShouldBe(
            "755 1000000001\n700 1000000001\n755\n700\n700\n700\n[1, 1, 1, 0]\n9\n5");
        (await UploadAsync(session)).Version.ShouldBeNull();
        (await DownloadAsync(session)).Files.ShouldBe(0);
    }

    [Fact]
    public async Task The_attributes_of_a_directory_that_both_changed_stay_and_are_named()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir both mine");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "chmod 711 both mine", Path);
        await FillAsync(context, Path, "chmod 700 both; echo 1 >mine/new");
        (await DownloadAsync(session)).Skipped.ShouldBe(["both: kept, attributes changed in the session"]);
        (await ShellAsync(session, "stat -c %a both mine; cat mine/new", Path)).ShouldBe("711\n711\n1");
        (await ForceAsync(session)).Skipped.ShouldBeEmpty();
        (await ShellAsync(session, "stat -c %a both mine", Path)).ShouldBe("700\n755");
    }

    [Fact]
    public async Task A_version_that_is_restored_arrives_over_what_came_since()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d gone; echo 0 >f; echo 0 >d/g; echo 0 >gone/h; echo 0 >deleted");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm deleted; rm -r gone; echo 1 >f", Path);
        await UploadAsync(session);
        await FillAsync(context, Path, "echo 2 >d/g; chmod 700 d");
        (await DownloadAsync(session)).Skipped.ShouldBeEmpty();
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/g=2", "f=1"]);
        await Service.RestoreContextAsync(context, 1, Token);
        (await DownloadAsync(session)).Skipped.ShouldBeEmpty();
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/g=0", "deleted=0", "f=0", "gone/", "gone/h=0"]);
        (await ShellAsync(session, "stat -c %a d", Path)).ShouldBe("755");
        (await UploadAsync(session)).Version.ShouldBeNull();
    }

    [Fact]
    public async Task Hard_links_arrive_as_hard_links()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 0 >a");
        var session = await StartAsync(context.At(Path));
        await FillAsync(context, Path, "echo 1 >a; ln a b; ln a d/c");
        await DownloadAsync(session);
        (await ShellAsync(session, "stat -c %h a b d/c; [ a -ef d/c ] && cat b", Path)).ShouldBe("3\n3\n3\n1");
        (await UploadAsync(session)).Version.ShouldBeNull();
    }

    [Fact]
    public async Task A_download_does_not_bring_back_what_was_in_a_directory_that_the_session_replaced()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 0 >d/f; echo 0 >d/g");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm -r d; mkdir d; echo mine >d/h", Path);
        await FillAsync(context, Path, "echo theirs >d/f; echo theirs >d/new");
        var task = await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/h=mine", "d/new=theirs"]);
        task.Skipped.ShouldContain(s => s.StartsWith("d/f: kept, deleted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_download_puts_a_directory_in_place_of_a_file_that_the_session_left_alone()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >f; echo 0 >g");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo mine >g", Path);
        await FillAsync(context, Path, "rm f g; mkdir f g; echo 1 >f/x; echo 1 >g/x");
        var task = await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["f/", "f/x=1", "g=mine"]);
        task.Skipped.ShouldHaveSingleItem().ShouldStartWith("g: kept");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Into_a_mount_that_started_empty_the_same_holds(bool force)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 0 >a; echo 0 >d/f");
        var session = await StartAsync(context.At(Path, autoDownload: false));
        await ShellAsync(session, "echo mine >a", Path);
        var task = await SyncAsync(session, force);
        (await TreeAsync(session, Path)).ShouldBe([force ? "a=0" : "a=mine", "d/", "d/f=0"]);
        task.Files.ShouldBe(force ? 2 : 1);
        task.Skipped.Count.ShouldBe(force ? 0 : 1);
        await ShellAsync(session, "rm d/f", Path);
        (await SyncAsync(session, force: false)).Files.ShouldBe(0);
        (await SyncAsync(session, force: true)).Files.ShouldBe(force ? 1 : 2);
        (await TreeAsync(session, Path)).ShouldBe(["a=0", "d/", "d/f=0"]);
    }

    private Task<AgbSyncStatus> ForceAsync(AgbSession session) => SyncAsync(session, force: true);

    private async Task<AgbSyncStatus> SyncAsync(AgbSession session, bool force)
    {
        await Service.StartSyncAsync(session, new AgbSyncRequest { Mode = AgbSyncTaskType.Download, Force = force }, Token);
        var task = (await Service.WaitSyncAsync(session, Patience, cancellationToken: Token))
            .Single(t => t.TaskType == AgbSyncTaskType.Download);
        task.Status.ShouldBe(AgbSyncTaskStatus.Success, task.ErrorMessage);
        return task;
    }
}
