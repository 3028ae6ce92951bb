namespace Agb.Conformance.Data;

/// <summary>Tests of concurrent sessions on one context: uploads are merged file by file; the later upload wins.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.UserOverlay, Long = Services.Server | Services.UserCopy)]
public sealed class MergeTests : ServiceTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_each_session_adds_is_kept(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("echo 0 >base");
        await ShellAsync(first, "echo 1 >a; mkdir d; echo 1 >d/a", Path);
        await ShellAsync(second, "echo 2 >b; mkdir d; echo 2 >d/b", Path);
        await StoreAsync(first, onRelease);
        await StoreAsync(second, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["a=1", "b=2", "base=0", "d/", "d/a=1", "d/b=2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_one_file_the_later_upload_wins_and_nothing_else_is_lost(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("echo 0 >both; echo 0 >only");
        await ShellAsync(second, "echo 2 >both", Path);
        await ShellAsync(first, "echo 1 >both; echo 1 >only; echo 1 >new", Path);
        await StoreAsync(first, onRelease);
        await StoreAsync(second, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["both=2", "new=1", "only=1"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_deleted_directory_keeps_what_another_session_added_to_it(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("mkdir -p d/e; echo 0 >d/x; echo 0 >d/e/y");
        await ShellAsync(first, "rm -r d", Path);
        await ShellAsync(second, "echo 2 >d/new; echo 2 >d/e/new", Path);
        await StoreAsync(second, onRelease);
        await StoreAsync(first, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/e/", "d/e/new=2", "d/new=2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_added_to_a_directory_that_another_session_deleted_is_kept(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("mkdir d; echo 0 >d/x");
        await ShellAsync(first, "rm -r d", Path);
        await ShellAsync(second, "echo 2 >d/new", Path);
        await StoreAsync(first, onRelease);
        await StoreAsync(second, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/new=2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_directory_made_anew_keeps_what_another_session_added_to_it(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("mkdir -p d/e; echo 0 >d/x; echo 0 >d/e/y");
        await ShellAsync(first, "rm -rf d; mkdir -p d/e; echo 1 >d/mine; echo 1 >d/e/mine", Path);
        await ShellAsync(second, "echo 2 >d/new; echo 2 >d/e/new", Path);
        await StoreAsync(second, onRelease);
        await StoreAsync(first, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/e/", "d/e/mine=1", "d/e/new=2", "d/mine=1", "d/new=2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_renamed_directory_leaves_what_another_session_added_to_it(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("mkdir d; echo 0 >d/x");
        await ShellAsync(first, "mv d e", Path);
        await ShellAsync(second, "echo 2 >d/new", Path);
        await StoreAsync(second, onRelease);
        await StoreAsync(first, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/new=2", "e/", "e/x=0"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_later_deletion_wins_over_a_change(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("mkdir d; echo 0 >d/x; echo 0 >y; echo 0 >z");
        await ShellAsync(first, "rm -r d y", Path);
        await ShellAsync(second, "echo 2 >d/x; echo 2 >y", Path);
        await StoreAsync(second, onRelease);
        await StoreAsync(first, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["z=0"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_later_change_wins_over_a_deletion(bool onRelease)
    {
        var (context, first, second) = await TwoAsync("mkdir d; echo 0 >d/x; echo 0 >d/gone; echo 0 >y");
        await ShellAsync(first, "rm -r d y", Path);
        await ShellAsync(second, "echo 2 >d/x; echo 2 >y", Path);
        await StoreAsync(first, onRelease);
        await StoreAsync(second, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/x=2", "y=2"]);
    }

    [Fact]
    public async Task Uploads_of_two_sessions_in_turns_are_all_kept()
    {
        var (context, first, second) = await TwoAsync("echo 0 >base");
        for (var i = 1; i <= 3; i++)
        {
            await ShellAsync(first, $"echo 1 >a{i}; echo {i} >turn", Path);
            await UploadAsync(first);
            await ShellAsync(second, $"echo 2 >b{i}; echo {i}{i} >turn", Path);
            await UploadAsync(second);
        }
        (await StoredAsync(context, Path)).ShouldBe(["a1=1", "a2=1", "a3=1", "b1=2", "b2=2", "b3=2", "base=0", "turn=33"]);
    }

    [Fact]
    public async Task Uploads_at_the_same_time_lose_nothing()
    {
        var context = await NewContextAsync();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync(context.At(Path))));
        await Task.WhenAll(sessions.Select((s, i) => ShellAsync(s, $"for n in $(seq 20); do echo {i} >f-{i}-$n; done", Path)));
        await Task.WhenAll(sessions.Select(s => UploadAsync(s)));
        (await AskAsync(context, Path, "cat * | sort | uniq -c | tr -s ' '")).ShouldBe(" 20 0\n 20 1\n 20 2\n 20 3");
        (await VersionsAsync(context)).Select(v => v.Version).ShouldBe([4, 3, 2, 1]);
    }

    [Fact]
    public async Task A_mapped_and_an_unmapped_session_are_merged()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/origin", "echo 0 >base; echo 0 >gone");
        var mapped = await StartAsync(context.At(Path, from: "/tmp/origin"));
        var plain = await StartAsync(context.At("/tmp/origin"));
        await ShellAsync(mapped, "echo 1 >a; rm gone", Path);
        await ShellAsync(plain, "echo 2 >b; echo 2 >base", "/tmp/origin");
        await ReleaseAsync(plain);
        await ReleaseAsync(mapped);
        (await StoredAsync(context, "/tmp/origin")).ShouldBe(["a=1", "b=2", "base=2"]);
    }

    [Fact]
    public async Task Mounts_one_above_the_other_are_merged()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv", "mkdir -p a b; echo 0 >a/x; echo 0 >b/x");
        var above = await StartAsync(context.At("/srv"));
        var below = await StartAsync(context.At("/srv/a"));
        await ShellAsync(above, "rm -r a; echo 1 >b/y", "/srv");
        await ShellAsync(below, "echo 2 >new", "/srv/a");
        await ReleaseAsync(below);
        await ReleaseAsync(above);
        (await StoredAsync(context, "/srv")).ShouldBe(["a/", "a/new=2", "b/", "b/x=0", "b/y=1"]);
    }

    [Fact]
    public async Task A_running_session_keeps_the_version_that_it_was_started_with()
    {
        var (_, first, second) = await TwoAsync("mkdir d; echo 0 >d/x; echo 0 >y");
        await ShellAsync(second, "rm -r d; echo 2 >y; echo 2 >z", Path);
        await ReleaseAsync(second);
        (await TreeAsync(first, Path)).ShouldBe(["d/", "d/x=0", "y=0"]);
    }

    private async Task<(AgbContext Context, AgbSession First, AgbSession Second)> TwoAsync(string fill)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, fill);
        return (context, await StartAsync(context.At(Path)), await StartAsync(context.At(Path)));
    }
}
