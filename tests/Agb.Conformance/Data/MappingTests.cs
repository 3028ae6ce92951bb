namespace Agb.Conformance.Data;

/// <summary>Tests of mappings: the data of another path is shown and written back.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server)]
public sealed class MappingTests : ServiceTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_mapped_session_changes_is_seen_at_the_origin_and_nothing_else(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/origin",
            "mkdir -p d/deep gone empty; echo 1 >edited; echo 2 >kept; echo 3 >renamed; echo 4 >removed; echo 5 >d/deep/f; echo 6 >gone/g");
        var mapped = await StartAsync(context.At("/home/data", from: "/tmp/origin"));
        await ShellAsync(
            mapped, "echo one >edited; mv renamed new-name; rm removed; rm -r gone; mv d moved; echo 7 >added; mkdir -p n/m; rmdir empty", "/home/data");
        await StoreAsync(mapped, onRelease);

        (await StoredAsync(context, "/tmp/origin")).ShouldBe(
            ["added=7", "edited=one", "kept=2", "moved/", "moved/deep/", "moved/deep/f=5", "n/", "n/m/", "new-name=3"]);
        (await StoredAsync(context, "/home/data")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mapped_session_sees_what_the_origin_changed_since()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/origin", "echo 1 >f");
        await FillAsync(context, "/tmp/origin", "echo 2 >f; echo 3 >g");
        var mapped = await StartAsync(context.At("/home/data", from: "/tmp/origin"));
        (await TreeAsync(mapped, "/home/data")).ShouldBe(["f=2", "g=3"]);
    }

    [Fact]
    public async Task A_mapping_onto_a_path_with_nothing_stored_is_an_empty_writable_mount()
    {
        var context = await NewContextAsync();
        var mapped = await StartAsync(context.At("/home/data", from: "/tmp/nothing/here"));
        (await TreeAsync(mapped, "/home/data")).ShouldBeEmpty();
        await ShellAsync(mapped, "mkdir d; echo 1 >d/f", "/home/data");
        await ReleaseAsync(mapped);
        (await StoredAsync(context, "/tmp/nothing/here")).ShouldBe(["d/", "d/f=1"]);
    }

    [Fact]
    public async Task A_chain_of_mappings_keeps_the_origin()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/origin", "echo 1 >first");
        foreach (var path in (string[])["/home/b", "/srv/c", "/tmp/d"])
        {
            var mapped = await StartAsync(context.At(path, from: "/tmp/origin"));
            await ShellAsync(mapped, $"cat first >\"$(basename {path})\"; echo more >>first", path);
            await ReleaseAsync(mapped);
        }
        (await ShellAsync(await StartAsync(context.At("/tmp/origin")), "cat first | tr '\\n' ' '; ls | tr '\\n' ' '", "/tmp/origin"))
            .ShouldBe("1 more more more b c d first ");
        foreach (var path in (string[])["/home/b", "/srv/c", "/tmp/d"])
        {
            (await StoredAsync(context, path)).ShouldBeEmpty();
        }
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe(["/tmp/origin"]);
    }

    [Fact]
    public async Task A_mapping_onto_the_mounts_own_path_changes_nothing()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/home/data", "echo 1 >f");
        var session = await StartAsync(context.At("/home/data", from: "/home/data"));
        await ShellAsync(session, "cat f >g", "/home/data");
        await ReleaseAsync(session);
        (await StoredAsync(context, "/home/data")).ShouldBe(["f=1", "g=1"]);
    }

    [Fact]
    public async Task A_mapping_of_the_root_shows_the_whole_context_by_its_paths()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/home/data", "echo 1 >f");
        await FillAsync(context, "/srv/other", "echo 2 >g");
        var whole = await StartAsync(context.At("/home/whole", from: "/"));
        (await TreeAsync(whole, "/home/whole")).ShouldBe(["home/", "home/data/", "home/data/f=1", "srv/", "srv/other/", "srv/other/g=2"]);
        await ShellAsync(whole, "echo 3 >home/data/h; rm srv/other/g; mkdir -p opt/new; echo 4 >opt/new/i", "/home/whole");
        await ReleaseAsync(whole);
        (await StoredAsync(context, "/home/data")).ShouldBe(["f=1", "h=3"]);
        (await StoredAsync(context, "/srv/other")).ShouldBeEmpty();
        (await StoredAsync(context, "/opt/new")).ShouldBe(["i=4"]);
    }

    [Fact]
    public async Task A_mapping_may_name_a_directory_inside_what_was_stored()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/origin", "mkdir -p sub/deep; echo 1 >top; echo 2 >sub/f; echo 3 >sub/deep/g");
        var mapped = await StartAsync(context.At("/home/data", from: "/tmp/origin/sub"));
        (await TreeAsync(mapped, "/home/data")).ShouldBe(["deep/", "deep/g=3", "f=2"]);
        await ShellAsync(mapped, "rm f; echo 4 >deep/h", "/home/data");
        await ReleaseAsync(mapped);
        (await StoredAsync(context, "/tmp/origin")).ShouldBe(["sub/", "sub/deep/", "sub/deep/g=3", "sub/deep/h=4", "top=1"]);
    }

    [Fact]
    public async Task One_session_may_map_several_origins_of_one_context()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/a", "echo 1 >f");
        await FillAsync(context, "/tmp/b", "echo 2 >f");
        var session = await StartAsync(context.At("/home/x", from: "/tmp/b"), context.At("/home/y", from: "/tmp/a"));
        (await ShellAsync(session, "cat /home/x/f /home/y/f")).ShouldBe("2\n1");
        await ShellAsync(session, "echo more >/home/x/g; echo most >/home/y/h");
        await ReleaseAsync(session);
        (await StoredAsync(context, "/tmp/a")).ShouldBe(["f=1", "h=most"]);
        (await StoredAsync(context, "/tmp/b")).ShouldBe(["f=2", "g=more"]);
    }

    [Fact]
    public async Task The_session_says_what_it_maps()
    {
        var context = await NewContextAsync();
        var created = await StartAsync(context.At("/home/data/", from: "/tmp//origin/./"));
        var sync = (await Service.GetSessionAsync(created, Token)).ContextSyncs.ShouldHaveSingleItem();
        sync.ContextId.ShouldBe(context.Id);
        sync.Path.ShouldBe("/home/data");
        sync.OriginPath.ShouldBe("/tmp/origin");
    }
}
