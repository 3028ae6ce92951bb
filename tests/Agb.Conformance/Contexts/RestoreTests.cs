namespace Agb.Conformance.Contexts;

/// <summary>Tests of restoring a kept version, as a new version.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server, Long = Services.UserOverlay)]
public sealed class RestoreTests : ServiceTest
{
    [Fact]
    public async Task A_restored_version_is_a_new_one_with_just_its_content()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "mkdir -m 700 d; printf 123 >d/f; printf 12 >g; chmod 600 g; ln -s g l; printf 1 >same");
        var tree = await context.ListAsync(new AgbContextFileQuery { Recurse = true });
        await FillAsync(context, "/data", "rm -r d; printf 1234 >g; printf 12345 >new; chmod 755 .");

        var restored = await Service.RestoreContextAsync(context, 1, Token);

        (await context.ListAsync(new AgbContextFileQuery { Recurse = true })).ShouldBe(tree);
        (await VersionsAsync(context))[0].ShouldBe(restored);
        restored.ShouldBe(new AgbContextVersion
        {
            Service = Service,
            ContextId = context.Id,
            Version = 3,
            CreatedAt = restored.CreatedAt,
            Origin = AgbVersionOrigin.Restore,
            FilesAdded = 1,
            FilesChanged = 1,
            FilesDeleted = 1,
            Bytes = 5,
            BytesRemoved = 9,
        });
        (await StoredAsync(context, "/data")).ShouldBe(["d/", "d/f=123", "g=12", "l->g", "same=1"]);
        (await Service.RestoreContextAsync(context, 2, Token)).Version.ShouldBe(4);
        (await StoredAsync(context, "/data")).ShouldBe(["g=1234", "l->g", "new=12345", "same=1"]);
    }

    [Fact]
    public async Task What_was_cleared_can_be_had_back()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/a/f", "12"), ("/b/g", "1"));
        await Service.ClearContextAsync(context, cancellationToken: Token);
        var restored = await Service.RestoreContextAsync(context, 1, Token);
        (restored.FilesAdded, restored.FilesChanged, restored.FilesDeleted, restored.Bytes, restored.BytesRemoved).ShouldBe((2, 0, 0, 3, 0));
        (await context.TreeAsync()).ShouldBe(["/a/", "/a/f=12", "/b/", "/b/g=1"]);
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe(["/a", "/b"]);
        (await Service.RestoreContextAsync(context, 2, Token)).FilesDeleted.ShouldBe(2);
        (await context.TreeAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_newest_version_can_be_restored_too()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "1"));
        var restored = await Service.RestoreContextAsync(context, 1, Token);
        (restored.Version, restored.FilesAdded + restored.FilesChanged + restored.FilesDeleted, restored.BytesRemoved).ShouldBe((2, 0, 0));
        (await context.TreeAsync()).ShouldBe(["/f=1"]);
    }

    [Fact]
    public async Task An_old_version_is_restored_exactly_after_many_uploads()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/data/first", "kept"), ("/data/d/x", "x"));
        var session = await StartAsync(context.At("/data"));
        for (var i = 0; i < 40; i++)
        {
            await ShellAsync(session, $"echo {i} >f{i % 3}; rm -f first; rm -rf d; mkdir d; echo {i} >d/{i}", "/data");
            await UploadAsync(session);
        }
        var last = await context.TreeAsync();
        await Service.RestoreContextAsync(context, 1, Token);
        (await context.TreeAsync()).ShouldBe(["/data/", "/data/d/", "/data/d/x=x", "/data/first=kept"]);
        await Service.RestoreContextAsync(context, 41, Token);
        (await context.TreeAsync()).ShouldBe(last);
    }

    [Fact]
    public async Task A_running_session_sees_a_restored_version_after_a_download()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "echo one >f; echo g >g");
        await FillAsync(context, "/data", "echo two >f; rm g; echo h >h");
        var session = await StartAsync(context.At("/data"));
        await Service.RestoreContextAsync(context, 1, Token);
        (await TreeAsync(session, "/data")).ShouldBe(["f=two", "h=h"]);
        await DownloadAsync(session);
        (await TreeAsync(session, "/data")).ShouldBe(["f=one", "g=g"]);
    }

    [Fact]
    public async Task A_session_that_goes_on_after_a_restore_uploads_only_its_own_changes()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "mkdir d; echo one >d/f; echo one >g");
        await FillAsync(context, "/data", "echo two >d/f; echo two >h");
        var session = await StartAsync(context.At("/data"));
        await Service.RestoreContextAsync(context, 1, Token);
        await ShellAsync(session, "echo mine >d/new; rm h", "/data");
        await ReleaseAsync(session);
        (await context.TreeAsync(path: "/data")).ShouldBe(["/data/d/", "/data/d/f=one", "/data/d/new=mine", "/data/g=one"]);
    }

    [Fact]
    public async Task An_unknown_version_is_not_restored()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/f", "1"));
        await RefusesAsync(AgbErrorIds.VersionNotFound, () => Service.RestoreContextAsync(context, 2, Token));
        await RefusesAsync(AgbErrorIds.VersionNotFound, () => Service.RestoreContextAsync(context, 0, Token));
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => Service.RestoreContextAsync(new ContextId("SdkCtx-none"), 1, Token));
    }
}
