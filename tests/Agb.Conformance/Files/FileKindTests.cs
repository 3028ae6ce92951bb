namespace Agb.Conformance.Files;

/// <summary>Tests of links, pipes, sockets and other special files.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.UserOverlay, Long = Services.Server | Services.UserCopy)]
public sealed class FileKindTests : ServiceTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Symlinks_are_kept_as_they_are(bool onRelease)
    {
        var context = await MakeAsync(
            "mkdir d; echo 1 >d/f; ln -s d/f relative; ln -s /etc/hostname absolute; ln -s /no/such/file dangling; ln -s . self; ln -s ../.. up;"
            + " ln -s loop loop; ln -s \"$(printf 'a%.0s' $(seq 1000))\" long; ln -s 'two words' spaced",
            onRelease);
        (await AskAsync(context, Path, "for l in relative absolute dangling self up loop spaced; do printf '%s ' \"$(readlink $l)\"; done; readlink long | wc -c; cat relative"))
            .ShouldBe("d/f /etc/hostname /no/such/file . ../.. loop two words 1001\n1");
    }

    [Fact]
    public async Task A_symlink_to_a_file_of_the_system_stores_no_content_of_it()
    {
        var context = await MakeAsync("ln -s /etc/passwd l; ln -s /usr/bin d", onRelease: false);
        (await VersionsAsync(context)).ShouldHaveSingleItem().Bytes.ShouldBe(0);
        (await AskAsync(context, Path, "test -L l && test -L d && ls | wc -l")).ShouldBe("2");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hard_links_within_one_upload_stay_hard_links(bool onRelease)
    {
        var context = await MakeAsync("mkdir d; echo 1 >a; ln a b; ln a d/c; echo 2 >other", onRelease);
        var session = await StartAsync(context.At(Path));
        (await ShellAsync(session, "stat -c %h a other | tr '\\n' ' '; [ a -ef b ] && [ a -ef d/c ] && echo same", Path)).ShouldBe("3 1 same");
    }

    [Fact]
    public async Task A_change_through_one_name_of_a_hard_link_is_stored_for_all_names_of_the_session()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 1 >a; ln a b", Path);
        await UploadAsync(session);
        await ShellAsync(session, "echo 2 >a", Path);
        await UploadAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["a=2", "b=2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Empty_directories_are_kept(bool onRelease)
    {
        var context = await MakeAsync("mkdir -p a/b/c d; mkdir -m 700 e", onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["a/", "a/b/", "a/b/c/", "d/", "e/"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fifos_are_kept(bool onRelease)
    {
        var context = await MakeAsync("mkfifo -m 640 p; mkdir d; mkfifo d/q", onRelease);
        (await AskAsync(context, Path, "find . -type p -printf '%P %m\\n' | sort | head -1; (echo through >d/q &) ; cat d/q")).ShouldStartWith("d/q ");
        (await AskAsync(context, Path, "find p -printf '%y %m'")).ShouldBe("p 640");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sockets_are_left_out_and_reported(bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await MakeSocketAsync(session, "d/the-socket");
        await ShellAsync(session, "echo 1 >d/f", Path);
        if (!onRelease)
        {
            await UploadAsync(session);
        }
        await Service.RemoveSessionAsync(session, !onRelease ? AgbReleaseMode.Discard : AgbReleaseMode.Policy, cancellationToken: Token);
        var upload = (await Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token)).ShouldHaveSingleItem();
        upload.Skipped.ShouldHaveSingleItem().ShouldContain("d/the-socket");
        upload.Files.ShouldBe(1);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/f=1"]);
        (await AskAsync(context, Path, "find . -type s | wc -l")).ShouldBe("0");
    }

    [Fact]
    public async Task A_socket_in_the_place_of_a_stored_file_is_no_harm()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >d/s; echo 1 >f");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm d/s; echo 2 >f", Path);
        await MakeSocketAsync(session, "d/s");
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldContain("f=2");
        (await AskAsync(context, Path, "find . -type s | wc -l")).ShouldBe("0");
    }

    private async Task<AgbContext> MakeAsync(string command, bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, command, Path);
        await StoreAsync(session, onRelease);
        return context;
    }

    private async Task MakeSocketAsync(AgbSession session, string name)
    {
        var result = await Service.RunCommandAsync(
            session,
            new AgbCommandRequest
            {
                Command = $"mkdir -p d; perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un(\"{name}\")) or die'"
                    + $" || python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"{name}\")'",
                WorkingDirectory = Path,
            },
            Token);
        Assert.SkipUnless(result.Success, $"The session has no program to make a socket: {result.Stderr}");
    }
}
