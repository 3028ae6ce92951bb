namespace Agb.Conformance.Sync;

/// <summary>Tests of versions: every upload with changes is a version, and versions can be listed.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class VersionTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task Versions_are_listed_newest_first_with_what_each_changed()
    {
        var context = await NewContextAsync();
        var first = await StartAsync(context.At(Path));
        await ShellAsync(first, "mkdir d; printf 1234 >a; printf 12 >b; printf 1 >d/c; ln -s a l", Path);
        await UploadAsync(first);
        await ShellAsync(first, "printf 123456 >a; rm b; printf 123 >n", Path);
        await ReleaseAsync(first);
        var second = await StartAsync(context.At("/srv/x", from: Path));
        await ShellAsync(second, "rm -r d; printf 1 >n", "/srv/x");
        await ReleaseAsync(second);

        var versions = await VersionsAsync(context);
        versions.Select(v => (v.Version, v.FilesAdded, v.FilesChanged, v.FilesDeleted, v.Bytes)).ShouldBe(
            [(3, 0, 1, 1, 1), (2, 1, 1, 1, 9), (1, 4, 0, 0, 7)]);
        versions.Select(v => v.BytesRemoved).ShouldBe([4, 6, 0]);
        versions.ShouldAllBe(v => v.Origin == AgbVersionOrigin.Upload);
        versions.Select(v => v.SessionId).ShouldBe([second.SessionId, first.SessionId, first.SessionId]);
        versions.ShouldAllBe(v => v.ContextId == context.Id && v.Service == Service);
        versions.Select(v => v.CreatedAt).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task Contexts_have_versions_of_their_own()
    {
        var (a, b) = (await NewContextAsync(), await NewContextAsync());
        await FillAsync(a, Path, "echo 1 >f");
        await FillAsync(a, Path, "echo 2 >f");
        await FillAsync(b, Path, "echo 1 >f");
        (await VersionsAsync(a)).Count.ShouldBe(2);
        (await VersionsAsync(b)).ShouldHaveSingleItem().Version.ShouldBe(1);
    }

    [Fact]
    public async Task The_mounts_of_one_session_make_a_version_each_in_their_contexts()
    {
        var (a, b, c) = (await NewContextAsync(), await NewContextAsync(), await NewContextAsync());
        var session = await StartAsync(a.At("/home/a"), b.At("/home/b"), c.At("/home/c"));
        await ShellAsync(session, "echo 1 >/home/a/f; echo 1 >/home/c/f");
        await ReleaseAsync(session);
        (await VersionsAsync(a)).Count.ShouldBe(1);
        (await VersionsAsync(b)).ShouldBeEmpty();
        (await VersionsAsync(c)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Versions_of_an_unknown_context_are_refused() =>
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.ListContextVersionsAsync(new ContextId("SdkCtx-none"), Token).ToListAsync(Token).AsTask());

    [Fact]
    public async Task Paths_of_an_unknown_context_are_refused() =>
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextPathsAsync(new ContextId("SdkCtx-none"), Token));
}
