namespace Agb.Conformance.Contexts;

/// <summary>Tests of the removal of all data of a context, and of its restore.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server, Long = Services.UserOverlay | Services.UserCopy)]
public sealed class ClearTests : ServiceTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cleared_context_is_empty_and_keeps_its_name_and_versions(bool noWait)
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "mkdir d; printf 123 >d/f; printf 1 >g; ln -s g l");

        var answer = await Service.ClearContextAsync(context, noWait, Token);

        answer.Id.ShouldBe(context.Id);
        answer.Name.ShouldBe(context.Name);
        answer.State.ShouldBeOneOf(noWait ? [AgbContextState.Clearing, AgbContextState.Available] : [AgbContextState.Available]);
        await IsAvailableAsync(context);
        (await context.ListAsync(new AgbContextFileQuery())).ShouldBeEmpty();
        (await Service.GetContextPathsAsync(context, Token)).ShouldBeEmpty();
        (await StoredAsync(context, "/data")).ShouldBeEmpty();
        var versions = await VersionsAsync(context);
        versions.Select(v => (v.Version, v.Origin, v.SessionId is null, v.FilesAdded, v.FilesChanged, v.FilesDeleted, v.Bytes, v.BytesRemoved)).ShouldBe(
            [(2, AgbVersionOrigin.Clear, true, 0, 0, 3, 0, 4), (1, AgbVersionOrigin.Upload, false, 3, 0, 0, 4, 0)]);
        (await context.TreeAsync(1, "/data")).ShouldBe(["/data/d/", "/data/d/f=123", "/data/g=1", "/data/l->g"]);
    }

    [Fact]
    public async Task Clearing_what_is_empty_or_being_cleared_succeeds_without_a_version()
    {
        var context = await NewContextAsync();
        (await Service.ClearContextAsync(context, cancellationToken: Token)).State.ShouldBe(AgbContextState.Available);
        (await VersionsAsync(context)).ShouldBeEmpty();
        await context.PutAsync(("/f", "1"));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Service.ClearContextAsync(context, noWait: i % 2 == 0, Token)));
        await IsAvailableAsync(context);
        await Service.ClearContextAsync(context, cancellationToken: Token);
        (await VersionsAsync(context)).Select(v => v.Origin).ShouldBe([AgbVersionOrigin.Clear, AgbVersionOrigin.Files]);
    }

    [Fact]
    public async Task A_cleared_context_takes_new_data()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "mkdir d; echo old >d/f");
        await Service.ClearContextAsync(context, noWait: true, Token);
        // Versions recorded after the clear request keep their data.
        await context.PutAsync(("/data/put", "new"));
        await FillAsync(context, "/data", "mkdir d; echo new >d/g");
        (await context.TreeAsync(path: "/data")).ShouldBe(["/data/d/", "/data/d/g=new", "/data/put=new"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_keeps_what_it_sees_and_uploads_only_its_own_changes_since(bool uploadedBefore)
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "echo old >old; mkdir d; echo old >d/old; echo old >changed; echo old >removed");
        var session = await StartAsync(context.At("/data"));
        await ShellAsync(session, "echo before >before", "/data");
        if (uploadedBefore)
        {
            await UploadAsync(session);
        }
        await Service.ClearContextAsync(context, cancellationToken: Token);
        (await TreeAsync(session, "/data")).ShouldBe(["before=before", "changed=old", "d/", "d/old=old", "old=old", "removed=old"]);

        await ShellAsync(session, "echo after >d/after; echo after >changed; rm removed", "/data");
        await UploadAsync(session);

        string[] own = ["/data/changed=after", "/data/d/", "/data/d/after=after"];
        (await context.TreeAsync(path: "/data")).ShouldBe(uploadedBefore ? own : ["/data/before=before", .. own]);
        await ReleaseAsync(session);
        (await context.TreeAsync(path: "/data")).ShouldBe(uploadedBefore ? own : ["/data/before=before", .. own]);
    }

    [Fact]
    public async Task A_session_that_downloads_after_a_clear_keeps_only_its_own_changes()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "echo old >old; echo old >changed");
        var session = await StartAsync(context.At("/data"));
        await ShellAsync(session, "echo mine >changed; echo mine >new", "/data");
        await Service.ClearContextAsync(context, cancellationToken: Token);
        await DownloadAsync(session);
        (await TreeAsync(session, "/data")).ShouldBe(["changed=mine", "new=mine"]);
    }

    [Fact]
    public async Task An_unknown_context_is_not_cleared()
    {
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => Service.ClearContextAsync(new ContextId("SdkCtx-none"), cancellationToken: Token));
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => Service.ClearContextAsync(new ContextId(""), noWait: true, Token));
    }

    private Task IsAvailableAsync(AgbContext context) => Eventually.HoldsAsync(
        "the context is available", async () => (await Service.GetContextAsync(context, Token)).State == AgbContextState.Available);
}
