namespace Agb.Conformance.Data;

/// <summary>Tests of upload and delete policies, and of the options of a release.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server)]
public sealed class PolicyTests : ServiceTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_mirrored_deletions_what_a_session_deletes_is_kept(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/e; echo 1 >a; echo 1 >b; echo 1 >d/c; echo 1 >d/e/f");
        var session = await StartAsync(context.At(Path, mirrorDeletions: false));
        await ShellAsync(session, "rm a; rm -r d; echo 2 >b; echo 2 >n", Path);
        (await TreeAsync(session, Path)).ShouldBe(["b=2", "n=2"]);
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["a=1", "b=2", "d/", "d/c=1", "d/e/", "d/e/f=1", "n=2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_mirrored_deletions_a_directory_made_anew_is_merged(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/e; echo 1 >d/c; echo 1 >d/e/f; echo 1 >d/both");
        var session = await StartAsync(context.At(Path, mirrorDeletions: false));
        await ShellAsync(session, "rm -r d; mkdir -p d/e; echo 2 >d/new; echo 2 >d/both; echo 2 >d/e/g", Path);
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/both=2", "d/c=1", "d/e/", "d/e/f=1", "d/e/g=2", "d/new=2"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_mirrored_deletions_a_rename_leaves_both_names(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >a; echo 1 >d/f");
        var session = await StartAsync(context.At(Path, mirrorDeletions: false));
        await ShellAsync(session, "mv a b; mv d e", Path);
        await StoreAsync(session, onRelease);
        (await StoredAsync(context, Path)).ShouldBe(["a=1", "b=1", "d/", "d/f=1", "e/", "e/f=1"]);
    }

    [Fact]
    public async Task Without_mirrored_deletions_what_a_session_uploaded_and_deleted_itself_is_kept()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path, mirrorDeletions: false));
        await ShellAsync(session, "mkdir d; echo 1 >a; echo 1 >d/f", Path);
        await UploadAsync(session);
        await ShellAsync(session, "rm a; rm -r d; echo 2 >b", Path);
        await UploadAsync(session);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["a=1", "b=2", "d/", "d/f=1"]);
    }

    [Fact]
    public async Task Without_automatic_upload_a_release_stores_nothing()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a");
        var session = await StartAsync(context.At(Path, autoUpload: false));
        await ShellAsync(session, "rm a; echo 2 >b", Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["a=1"]);
        (await VersionsAsync(context)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_automatic_upload_a_sync_stores_what_was_there_then()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path, autoUpload: false));
        await ShellAsync(session, "echo 1 >synced", Path);
        await UploadAsync(session);
        await ShellAsync(session, "echo 2 >synced; echo 2 >later", Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["synced=1"]);
    }

    [Fact]
    public async Task A_release_can_be_told_to_store_all_the_same()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path, autoUpload: false));
        await ShellAsync(session, "echo 1 >a", Path);
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Upload, cancellationToken: Token);
        (await StoredAsync(context, Path)).ShouldBe(["a=1"]);
    }

    [Fact]
    public async Task A_release_can_be_told_to_discard_what_was_not_stored_yet()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 2 >synced", Path);
        await UploadAsync(session);
        await ShellAsync(session, "echo 3 >synced; rm a; echo 3 >b", Path);
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        (await StoredAsync(context, Path)).ShouldBe(["a=1", "synced=2"]);
    }

    [Fact]
    public async Task Each_mount_has_its_own_policy()
    {
        var (kept, lost) = (await NewContextAsync(), await NewContextAsync());
        var session = await StartAsync(kept.At("/home/a"), lost.At("/home/b", autoUpload: false));
        await ShellAsync(session, "echo 1 >/home/a/f; echo 1 >/home/b/f");
        await ReleaseAsync(session);
        (await StoredAsync(kept, "/home/a")).ShouldBe(["f=1"]);
        (await StoredAsync(lost, "/home/b")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_session_says_the_policies_that_it_was_given()
    {
        var context = await NewContextAsync();
        var policy = new AgbSyncPolicy
        {
            Upload = new AgbUploadPolicy { AutoUpload = false },
            Download = new AgbDownloadPolicy { AutoDownload = false },
            Delete = new AgbDeletePolicy { SyncLocalFile = false },
            Extract = new AgbExtractPolicy { Extract = false, DeleteSrcFile = false, ExtractToCurrentFolder = true },
            Mapping = new AgbMappingPolicy { Path = "/tmp/origin" },
        };
        var session = await StartAsync(context.At(Path, policy));
        var told = (await Service.GetSessionAsync(session, Token)).ContextSyncs.ShouldHaveSingleItem().Policy;
        told.Upload.ShouldBe(policy.Upload);
        told.Download.ShouldBe(policy.Download);
        told.Delete.ShouldBe(policy.Delete);
        told.Extract.ShouldBe(policy.Extract);
        told.Mapping.ShouldBe(policy.Mapping);
    }
}
