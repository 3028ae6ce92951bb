namespace Agb.Conformance.Data;

/// <summary>Tests of contexts mounted at <c>/home</c>, the usual parent of the home directory.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server | Services.UserOverlay, Long = Services.UserCopy)]
public sealed class HomeMountTests : ServiceTest
{
    private const string Home = "/home";

    [Fact]
    public async Task A_context_at_home_shows_and_stores_what_is_in_it_and_no_home_directory()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Home));
        (await ShellAsync(session, "ls -A /home")).ShouldBeEmpty();
        await ShellAsync(session, "echo 1 >/home/f; mkdir -p /home/code; echo 2 >/home/code/g");
        await ShellAsync(session, "echo mine >~/.profile; mkdir -p ~/.cache/tool; echo x >~/.cache/tool/y");
        (await UploadAsync(session)).Files.ShouldBe(2);
        await ReleaseAsync(session);

        (await StoredAsync(context, Home)).ShouldBe(["code/", "code/g=2", "f=1"]);
        (await AskAsync(context, Home, "cat f code/g; ls -A")).ShouldBe("1\n2\ncode\nf");
        (await AskAsync(context, "/home/code", "cat g")).ShouldBe("2");
    }

    [Theory]
    [InlineData("agb-code-space-1")]
    [InlineData("agb-browser-use-1")]
    public async Task The_sessions_user_has_a_home_elsewhere(string image)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(new AgbSessionRequest { ImageId = image, ContextSyncs = [context.At(Home)] });
        var home = await ShellAsync(session, "echo $HOME");
        home.ShouldStartWith("/");
        LinuxPath.IsAtOrBelow(home, Home).ShouldBeFalse();
        (await ShellAsync(session, "pwd; echo ~agb; touch ~/t && ls ~")).ShouldBe($"{home}\n{home}\nt");
        // The home directory persists between commands.
        (await ShellAsync(session, "ls; python3 -c 'import os; print(os.path.expanduser(\"~\"))'")).ShouldBe($"t\n{home}");
        await UploadAsync(session);
        (await StoredAsync(context, Home)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mapping_brings_data_to_home_and_from_it()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv/a", "echo 1 >f");
        var session = await StartAsync(context.At(Home, from: "/srv/a"));
        await ShellAsync(session, "cat f && echo 2 >g && echo x >~/x", Home);
        await ReleaseAsync(session);
        (await StoredAsync(context, "/srv/a")).ShouldBe(["f=1", "g=2"]);

        await FillAsync(context, Home, "echo 3 >h");
        var mapped = await StartAsync(context.At("/tmp/mapping", from: Home));
        (await ShellAsync(mapped, "ls -A; cat h", "/tmp/mapping")).ShouldBe("h\n3");
    }

    [Fact]
    public async Task A_download_brings_what_others_stored_and_leaves_the_home_alone()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Home, "echo 0 >f");
        var session = await StartAsync(context.At(Home));
        await ShellAsync(session, "echo mine >~/mine");
        await FillAsync(context, Home, "echo 1 >f; echo 1 >new");
        await DownloadAsync(session);
        (await TreeAsync(session, Home)).ShouldBe(["f=1", "new=1"]);
        (await ShellAsync(session, "cat ~/mine")).ShouldBe("mine");
    }

    [Fact]
    public async Task A_mount_inside_it_is_refused_as_inside_any_other()
    {
        var (a, b) = (await NewContextAsync(), await NewContextAsync());
        await FailsAsync(AgbErrorIds.OverlappingPaths, () => StartAsync(a.At(Home), b.At("/home/data")));
    }
}
