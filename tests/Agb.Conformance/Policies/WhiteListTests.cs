namespace Agb.Conformance.Policies;

/// <summary>Tests of white lists: only covered paths are shown and stored; other data in the context stays unchanged.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.UserOverlay, Long = Services.UserCopy)]
public sealed class WhiteListTests : ServiceTest
{
    private const string Path = "/home/data";
    private const string Fill =
        "mkdir -p src/lib src/node_modules docs; echo 1 >src/a; echo 1 >src/lib/b; echo 1 >src/node_modules/m; echo 1 >docs/d; echo 1 >top; echo 1 >src2";

    [Theory]
    [InlineData("src")]
    [InlineData("/src")]
    [InlineData("src/")]
    [InlineData("./src")]
    [InlineData("/home/data/src")]
    public async Task Only_what_is_listed_is_shown(string listed)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, Fill);
        var session = await StartAsync(context.At(Path, Listing(listed)));
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/a=1", "src/lib/", "src/lib/b=1", "src/node_modules/", "src/node_modules/m=1"]);
    }

    [Theory]
    [InlineData("node_modules")]
    [InlineData("/node_modules")]
    [InlineData("src/node_modules")]
    [InlineData("/home/data/src/node_modules")]
    public async Task What_is_excluded_is_not_shown(string excluded)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, Fill);
        var session = await StartAsync(context.At(Path, Listing("src", excluded)));
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/a=1", "src/lib/", "src/lib/b=1"]);
    }

    [Fact]
    public async Task Single_files_and_several_paths_can_be_listed()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, Fill);
        var session = await StartAsync(context.At(Path, Listing(new AgbWhiteList { Path = "top" }, new AgbWhiteList { Path = "src/lib/b" }, new AgbWhiteList { Path = "not/there" })));
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/lib/", "src/lib/b=1", "top=1"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_listed_is_neither_stored_nor_changed(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, Fill);
        var session = await StartAsync(context.At(Path, Listing("src", "node_modules")));
        await ShellAsync(
            session,
            "echo 2 >src/a; rm src/lib/b; echo 2 >src/lib/new; echo 2 >top; mkdir docs other; echo 2 >docs/d; echo 2 >other/o; mkdir src/node_modules; echo 2 >src/node_modules/m",
            Path);
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(
            ["docs/", "docs/d=1", "src/", "src/a=2", "src/lib/", "src/lib/new=2", "src/node_modules/", "src/node_modules/m=1", "src2=1", "top=1"]);
    }

    [Theory]
    [InlineData("rm -r src", false)]
    [InlineData("rm -r src", true)]
    [InlineData("rm -r src; mkdir src; mkdir src/lib", false)]
    [InlineData("rm -r src; mkdir src; mkdir src/lib", true)]
    public async Task Deleting_a_directory_deletes_only_what_is_listed_in_it(string delete, bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, Fill);
        var session = await StartAsync(context.At(Path, Listing("src/lib")));
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/lib/", "src/lib/b=1"]);
        await ShellAsync(session, delete, Path);
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, Path)).Where(l => !l.StartsWith("src/lib", StringComparison.Ordinal)).ShouldBe(
            ["docs/", "docs/d=1", "src/", "src/a=1", "src/node_modules/", "src/node_modules/m=1", "src2=1", "top=1"]);
        (await StoredAsync(context, Path)).ShouldNotContain("src/lib/b=1");
    }

    [Fact]
    public async Task What_a_session_stored_and_deleted_again_is_deleted_and_nothing_beside_it()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/hidden; echo 1 >d/hidden/f");
        var session = await StartAsync(context.At(Path, Listing("d", "hidden")));
        await ShellAsync(session, "mkdir d/hidden; echo 2 >d/hidden/f; echo 2 >d/g", Path);
        await UploadAsync(session);
        await ShellAsync(session, "rm -r d", Path);
        await UploadAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/hidden/", "d/hidden/f=1"]);
    }

    [Fact]
    public async Task A_download_brings_only_what_is_listed()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, Fill);
        var session = await StartAsync(context.At(Path, Listing("src", "node_modules") with { Download = new AgbDownloadPolicy { AutoDownload = false } }));
        (await TreeAsync(session, Path)).ShouldBeEmpty();
        await DownloadAsync(session);
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/a=1", "src/lib/", "src/lib/b=1"]);
        await FillAsync(context, Path, "echo 2 >top; echo 2 >src/a; echo 2 >src/node_modules/m; rm -r src/lib docs");
        (await DownloadAsync(session)).Files.ShouldBe(2);
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/a=2"]);
    }

    [Fact]
    public async Task A_mapped_mount_lists_paths_below_its_own_path()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/origin", Fill);
        var session = await StartAsync(context.At(Path, Listing("/home/data/src/lib") with { Mapping = new AgbMappingPolicy { Path = "/tmp/origin" } }));
        (await TreeAsync(session, Path)).ShouldBe(["src/", "src/lib/", "src/lib/b=1"]);
        await ShellAsync(session, "echo 2 >src/lib/b; echo 2 >top", Path);
        await ReleaseAsync(session);
        (await AskAsync(context, "/tmp/origin", "cat src/lib/b top")).ShouldBe("2\n1");
    }

    private static AgbSyncPolicy Listing(string path, params string[] excludes) =>
        Listing(new AgbWhiteList { Path = path, ExcludePaths = excludes });

    private static AgbSyncPolicy Listing(params AgbWhiteList[] lists) => new() { WhiteLists = lists };
}
