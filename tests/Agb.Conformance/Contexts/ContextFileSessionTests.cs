namespace Agb.Conformance.Contexts;

/// <summary>Tests of changes without a session, concurrent with sessions on the same context.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server, Long = Services.UserOverlay | Services.UserCopy)]
public sealed class ContextFileSessionTests : ServiceTest
{
    [Fact]
    public async Task A_file_that_was_put_is_what_a_session_sees()
    {
        var context = await NewContextAsync();
        await context.ChangeAsync(
            ContextFiles.Put("/srv/data/f", "put") with { Mode = 0x1ED }, ContextFiles.Put("/srv/data/d/g", "deep"),
            new AgbContextFileChange.Link("/srv/data/l", "f"));
        (await StoredAsync(context, "/srv/data")).ShouldBe(["d/", "d/g=deep", "f=put", "l->f"]);
        // The session owns the file: its user may change content and mode.
        (await AskAsync(context, "/srv/data", "echo more >>f && chmod 600 d/g && rm l && stat -c %U f && cat f")).ShouldBe("agb\nputmore");
    }

    [Fact]
    public async Task A_file_that_was_put_below_tmp_is_seen_by_a_session_that_maps_tmp()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/tmp/x.txt", "put"));
        var session = await StartAsync(context.At("/home/x", from: "/tmp"));
        (await TreeAsync(session, "/home/x")).ShouldBe(["x.txt=put"]);
    }

    [Fact]
    public async Task A_running_session_sees_a_change_after_a_download()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "echo old >f; echo g >g");
        var session = await StartAsync(context.At("/data"));
        await context.ChangeAsync(ContextFiles.Put("/data/f", "new"), ContextFiles.Remove("/data/g"), ContextFiles.Put("/data/h", "h"));
        (await TreeAsync(session, "/data")).ShouldBe(["f=old", "g=g"]);
        await DownloadAsync(session);
        (await TreeAsync(session, "/data")).ShouldBe(["f=new", "h=h"]);
    }

    [Fact]
    public async Task A_session_and_a_change_merge_per_file()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/data", "echo 1 >both; echo 1 >mine; echo 1 >theirs; mkdir d; echo 1 >d/a; echo 1 >d/b");
        var session = await StartAsync(context.At("/data"));
        await ShellAsync(session, "echo session >both; echo session >mine; rm -r d", "/data");
        await context.ChangeAsync(
            ContextFiles.Put("/data/both", "files"), ContextFiles.Put("/data/theirs", "files"), ContextFiles.Put("/data/d/new", "files"));
        await UploadAsync(session);
        (await context.TreeAsync(path: "/data")).ShouldBe(
            ["/data/both=session", "/data/d/", "/data/d/new=files", "/data/mine=session", "/data/theirs=files"]);
        await context.ChangeAsync(ContextFiles.Remove("/data/both"), ContextFiles.Put("/data/mine", "last"));
        await ReleaseAsync(session);
        (await context.TreeAsync(path: "/data")).ShouldBe(["/data/d/", "/data/d/new=files", "/data/mine=last", "/data/theirs=files"]);
    }

    [Fact]
    public async Task Changes_and_uploads_at_once_lose_nothing()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At("/data"));
        for (var round = 0; round < 5; round++)
        {
            await ShellAsync(session, $"for i in $(seq 50); do echo {round} >s{round}.$i; done", "/data");
            await Task.WhenAll(
                [UploadAsync(session), .. Enumerable.Range(0, 3).Select(i => context.PutAsync(($"/data/f{round}.{i}", $"{round}")))]);
        }
        await ReleaseAsync(session);
        var files = await context.ListAsync(new AgbContextFileQuery { Path = "/data" });
        files.Select(f => f.Name).ShouldBe(
            Enumerable.Range(0, 5).SelectMany(r => Enumerable.Range(0, 3).Select(i => $"f{r}.{i}").Concat(Enumerable.Range(1, 50).Select(i => $"s{r}.{i}")))
                .Order(StringComparer.Ordinal));
        (await VersionsAsync(context)).Count.ShouldBe(20);
    }

    [Fact]
    public async Task What_an_upload_counts_is_against_the_version_before()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/data/f", "12"), ("/data/d/x", "123"), ("/data/d/y", "1"));
        var session = await StartAsync(context.At("/data"));
        await ShellAsync(session, "printf 1 >f; rm -r d; mkdir d; printf 1 >d/x", "/data");
        await context.PutAsync(("/data/f", "1234567890"));
        await UploadAsync(session);
        (await VersionsAsync(context))[0].BytesRemoved.ShouldBe(10 + 3 + 1);
    }
}
