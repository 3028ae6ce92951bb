namespace Agb.Conformance.Data;

/// <summary>Tests of downloads, at the start and into a running session.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.UserOverlay, Long = Services.Server | Services.UserCopy)]
public sealed class DownloadTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task Without_automatic_download_a_mount_starts_empty_and_a_download_brings_the_data()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/e; echo 1 >a; echo 1 >d/f; ln -s a link");
        var session = await StartAsync(context.At(Path, autoDownload: false));
        (await TreeAsync(session, Path)).ShouldBeEmpty();
        var task = await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["a=1", "d/", "d/e/", "d/f=1", "link->a"]);
        task.Files.ShouldBe(3);
        task.Version.ShouldBe(1);
    }

    [Fact]
    public async Task Without_automatic_download_an_upload_deletes_nothing_that_is_stored()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >a; echo 1 >both; echo 1 >d/f");
        var session = await StartAsync(context.At(Path, autoDownload: false));
        await ShellAsync(session, "echo 2 >b; echo 2 >both; mkdir d; echo 2 >d/g", Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["a=1", "b=2", "both=2", "d/", "d/f=1", "d/g=2"]);
    }

    [Fact]
    public async Task A_download_brings_changes_additions_and_deletions_of_others()
    {
        var (context, session) = await StartAsync("mkdir -p d gone/deep; echo 0 >changed; echo 0 >removed; echo 0 >kept; echo 0 >d/f; echo 0 >gone/deep/g");
        await FillAsync(context, Path, "echo 1 >changed; rm removed; rm -r gone; echo 1 >d/new; mkdir -p n/m; echo 1 >n/m/f; ln -s kept link");
        var task = await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(
            ["changed=1", "d/", "d/f=0", "d/new=1", "kept=0", "link->kept", "n/", "n/m/", "n/m/f=1"]);
        task.Files.ShouldBe(6);
        task.Version.ShouldBe(2);
        task.Skipped.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_download_never_replaces_what_the_session_changed()
    {
        var (context, session) = await StartAsync("echo 0 >both; echo 0 >theirs; echo 0 >mine");
        await ShellAsync(session, "echo mine >both; echo mine >mine; echo mine >new", Path);
        await FillAsync(context, Path, "echo theirs >both; echo theirs >theirs; echo theirs >new");
        var task = await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["both=mine", "mine=mine", "new=mine", "theirs=theirs"]);
        task.Skipped.Count(s => s.Contains("both") || s.Contains("new")).ShouldBe(2);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["both=mine", "mine=mine", "new=mine", "theirs=theirs"]);
    }

    [Fact]
    public async Task A_download_keeps_what_the_session_changed_and_others_deleted()
    {
        var (context, session) = await StartAsync("mkdir d; echo 0 >f; echo 0 >d/g; echo 0 >d/h");
        await ShellAsync(session, "echo mine >f; echo mine >d/g; echo mine >d/new", Path);
        await FillAsync(context, Path, "rm -r f d");
        await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/g=mine", "d/new=mine", "f=mine"]);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/g=mine", "d/new=mine", "f=mine"]);
    }

    [Fact]
    public async Task A_download_does_not_bring_back_what_the_session_deleted()
    {
        var (context, session) = await StartAsync("mkdir d; echo 0 >f; echo 0 >d/g; echo 0 >kept");
        await ShellAsync(session, "rm -r f d", Path);
        await FillAsync(context, Path, "echo theirs >f; echo theirs >d/g; echo theirs >d/new; echo theirs >kept");
        await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldNotContain("f=theirs");
        (await TreeAsync(session, Path)).ShouldNotContain("d/g=theirs");
        (await TreeAsync(session, Path)).ShouldContain("kept=theirs");
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/new=theirs", "kept=theirs"]);
    }

    [Theory]
    [InlineData("rm -r f d")]
    [InlineData("rm f; rm -r d; mkdir d")]
    [InlineData("rm f d/g")]
    [InlineData("rm f; rm -r d; echo mine >d")]
    public async Task A_download_brings_what_others_stored_where_the_session_had_uploaded_a_deletion(string delete)
    {
        var (context, session) = await StartAsync("mkdir d; echo 0 >f; echo 0 >d/g; echo 0 >kept");
        await ShellAsync(session, delete, Path);
        await UploadAsync(session);
        await FillAsync(context, Path, "rm -f d; mkdir -p d; echo theirs >f; echo theirs >d/g; echo theirs >d/new");
        (await DownloadAsync(session)).Skipped.ShouldBeEmpty();
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/g=theirs", "d/new=theirs", "f=theirs", "kept=0"], ignoreOrder: false);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/g=theirs", "d/new=theirs", "f=theirs", "kept=0"]);
    }

    [Fact]
    public async Task A_download_keeps_a_deletion_that_the_policy_does_not_mirror()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >f; echo 0 >kept");
        var session = await StartAsync(context.At(Path, mirrorDeletions: false));
        await ShellAsync(session, "rm f", Path);
        await UploadAsync(session);
        await FillAsync(context, Path, "echo theirs >f");
        (await DownloadAsync(session)).Skipped.ShouldHaveSingleItem().ShouldBe("f: kept, deleted in the session");
        (await TreeAsync(session, Path)).ShouldBe(["kept=0"]);
    }

    [Fact]
    public async Task A_download_without_news_does_nothing()
    {
        var (_, session) = await StartAsync("echo 0 >f");
        var task = await DownloadAsync(session);
        task.Files.ShouldBe(0);
        task.Bytes.ShouldBe(0);
        task.Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_download_does_not_bring_the_sessions_own_upload_back()
    {
        var (context, session) = await StartAsync("echo 0 >f");
        await ShellAsync(session, "echo 1 >f; echo 1 >g", Path);
        await UploadAsync(session);
        await ShellAsync(session, "echo 2 >g", Path);
        (await DownloadAsync(session)).Files.ShouldBe(0);
        (await TreeAsync(session, Path)).ShouldBe(["f=1", "g=2"]);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["f=1", "g=2"]);
    }

    [Fact]
    public async Task What_was_downloaded_is_not_uploaded_again()
    {
        var (context, session) = await StartAsync("echo 0 >f; echo 0 >gone");
        await FillAsync(context, Path, "echo 1 >f; rm gone; mkdir d; echo 1 >d/g");
        await DownloadAsync(session);
        var task = await UploadAsync(session);
        task.Version.ShouldBeNull();
        task.Files.ShouldBe(0);
        (await VersionsAsync(context)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_changed_after_a_download_is_uploaded()
    {
        var (context, session) = await StartAsync("echo 0 >f");
        await FillAsync(context, Path, "echo 1 >f; echo 1 >g; echo 1 >h");
        await DownloadAsync(session);
        await ShellAsync(session, "echo 2 >g; rm h", Path);
        var task = await UploadAsync(session);
        task.Files.ShouldBe(2);
        (await StoredAsync(context, Path)).ShouldBe(["f=1", "g=2"]);
    }

    [Fact]
    public async Task Downloads_can_be_repeated()
    {
        var (context, session) = await StartAsync("echo 0 >f");
        for (var i = 1; i <= 3; i++)
        {
            await FillAsync(context, Path, $"echo {i} >f; echo {i} >n{i}; rm -f n{i - 2}");
            await DownloadAsync(session);
            (await ShellAsync(session, $"cat f n{i}", Path)).ShouldBe($"{i}\n{i}");
        }
        (await TreeAsync(session, Path)).ShouldBe(["f=3", "n2=2", "n3=3"]);
    }

    [Fact]
    public async Task A_download_removes_what_the_session_uploaded_and_another_deleted()
    {
        var (context, session) = await StartAsync("echo 0 >f");
        await ShellAsync(session, "mkdir d; echo 1 >d/g; echo 1 >h; echo 1 >changed", Path);
        await UploadAsync(session);
        await FillAsync(context, Path, "rm -r d h; echo 2 >changed");
        await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["changed=2", "f=0"]);
    }

    [Fact]
    public async Task A_download_keeps_modes_times_and_links()
    {
        var (context, session) = await StartAsync("echo 0 >f");
        const string Make =
            "mkdir d; echo 1 >d/f; chmod 640 d/f; touch -d '2001-02-03 04:05:06.123456789 UTC' d/f; ln -s /nowhere d/l; chmod 2750 d;"
            + " touch -d '2002-02-03 04:05:06 UTC' d";
        const string Look = @"find d -printf '%P %m %T@ %l\n' | grep -v '^l ' | sort; readlink d/l";
        await FillAsync(context, Path, Make);
        var expected = await AskAsync(context, Path, Look);
        await DownloadAsync(session);
        (await ShellAsync(session, Look, Path)).ShouldBe(expected);
        expected.ShouldContain("f 640 981173106.1234567890");
    }

    [Fact]
    public async Task A_file_that_is_open_in_the_session_can_be_replaced()
    {
        var (context, session) = await StartAsync("echo old >f");
        await ShellAsync(session, "(exec 3<f; touch /tmp/opened; until [ -e /tmp/go ]; do sleep 0.02; done; cat <&3 >/tmp/seen; touch /tmp/done) >/dev/null 2>&1 & "
            + "until [ -e /tmp/opened ]; do sleep 0.02; done", Path);
        await FillAsync(context, Path, "echo new >f");
        await DownloadAsync(session);
        (await ShellAsync(session, "touch /tmp/go; until [ -e /tmp/done ]; do sleep 0.02; done; cat /tmp/seen f", Path)).ShouldBe("old\nnew");
    }

    private async Task<(AgbContext Context, AgbSession Session)> StartAsync(string fill)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, fill);
        return (context, await StartAsync(context.At(Path)));
    }
}
