namespace Agb.Conformance.Data;

/// <summary>Tests of subtrees: a mount shows the data at its path, also if stored under another path.</summary>
[RunsOn(Services.Overlay | Services.Copy, Long = Services.Server)]
public sealed class SubtreeTests : ServiceTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mount_below_the_data_shows_and_changes_its_part(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "mkdir -p sub/d other; echo 1 >top; echo 2 >sub/f; echo 3 >sub/d/g; echo 4 >other/h");
        var session = await StartAsync(context.At("/data/sub"));
        (await TreeAsync(session, "/data/sub")).ShouldBe(["d/", "d/g=3", "f=2"]);
        await ShellAsync(session, "echo two >f; rm -r d; echo 5 >new", "/data/sub");
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, "/data")).ShouldBe(["other/", "other/h=4", "sub/", "sub/f=two", "sub/new=5", "top=1"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mount_above_the_data_shows_and_changes_all_of_it(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv/a", "mkdir d; echo 1 >f; echo 2 >d/g");
        await FillAsync(context, "/srv/b", "echo 3 >h");
        var session = await StartAsync(context.At("/srv"));
        (await TreeAsync(session, "/srv")).ShouldBe(["a/", "a/d/", "a/d/g=2", "a/f=1", "b/", "b/h=3"]);
        await ShellAsync(session, "echo one >a/f; rm -r a/d; mv b c; echo 4 >i", "/srv");
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, "/srv/a")).ShouldBe(["f=one"]);
        (await StoredAsync(context, "/srv/b")).ShouldBeEmpty();
        (await StoredAsync(context, "/srv/c")).ShouldBe(["h=3"]);
        (await StoredAsync(context, "/srv")).ShouldBe(["a/", "a/f=one", "c/", "c/h=3", "i=4"]);
    }

    [Fact]
    public async Task Data_far_below_a_mount_is_seen_there()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv/a/b/c", "echo 1 >f");
        (await StoredAsync(context, "/srv")).ShouldBe(["a/", "a/b/", "a/b/c/", "a/b/c/f=1"]);
        (await StoredAsync(context, "/srv/a/b")).ShouldBe(["c/", "c/f=1"]);
    }

    [Fact]
    public async Task A_path_that_only_begins_alike_is_another_path()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv/data", "echo 1 >f");
        (await StoredAsync(context, "/srv/dat")).ShouldBeEmpty();
        (await StoredAsync(context, "/srv/data2")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_directory_that_was_deleted_above_is_empty_below()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data/sub", "echo 1 >f");
        await FillAsync(context, "/data", "rm -r sub");
        var session = await StartAsync(context.At("/data/sub"));
        (await TreeAsync(session, "/data/sub")).ShouldBeEmpty();
        await ShellAsync(session, "echo 2 >g", "/data/sub");
        await ReleaseAsync(session);
        (await StoredAsync(context, "/data")).ShouldBe(["sub/", "sub/g=2"]);
    }

    [Fact]
    public async Task Two_disjoint_parts_of_one_context_can_be_mounted_at_once()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At("/srv/a"), context.At("/srv/b"));
        await ShellAsync(session, "echo 1 >/srv/a/f; echo 2 >/srv/b/f");
        await ReleaseAsync(session);
        (await StoredAsync(context, "/srv")).ShouldBe(["a/", "a/f=1", "b/", "b/f=2"]);
    }

    [Fact]
    public async Task A_mount_below_a_stored_file_is_refused_by_name()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "echo 1 >file");
        var error = await FailsAsync(AgbErrorIds.InvalidPath, () => StartAsync(context.At("/data/file")));
        error.Message.ShouldContain("/data/file");
        (await StoredAsync(context, "/data")).ShouldBe(["file=1"]);
    }

    [Fact]
    public async Task The_directories_above_a_mount_keep_their_attributes()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv", "mkdir -p a/b; echo 1 >a/b/f; chmod 750 a; touch -d '2001-02-03 04:05:06 UTC' a");
        await FillAsync(context, "/srv/a/b", "echo 2 >g");
        (await AskAsync(context, "/srv", "find a -maxdepth 0 -printf '%m %T@\\n'; ls a/b | tr '\\n' ' '")).ShouldBe("750 981173106.0000000000\nf g ");
    }
}
