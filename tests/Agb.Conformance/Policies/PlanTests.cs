namespace Agb.Conformance.Policies;

/// <summary>Tests of plans: a plan lists the actions of the next sync and changes nothing.</summary>
[RunsOn(Services.Overlay | Services.Copy)]
public sealed class PlanTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task The_plan_of_an_upload_names_what_would_be_stored_and_deleted()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/e; echo 1 >a; echo 1 >d/b; echo 1 >d/e/c; echo 1 >same");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "printf 12345 >a; rm -r d; mkdir n; printf 123 >n/new; ln -s a link", Path);
        var plan = await PlanAsync(session, new AgbSyncRequest());
        plan.Where(p => p.Path != Path).Select(p => $"{p.Action} {p.Path} {p.Size}").Order(StringComparer.Ordinal).ShouldBe(
        [
            "Add /home/data/link 0", "Add /home/data/n 0", "Add /home/data/n/new 3", "Change /home/data/a 5",
            "Delete /home/data/d 0", "Delete /home/data/d/b 0", "Delete /home/data/d/e/c 0",
        ]);
        plan.ShouldAllBe(p => p.SessionId == session.SessionId && p.ContextId == context.Id && p.Reason.Length > 0 && p.TaskType == AgbSyncTaskType.Upload);
        (await VersionsAsync(context)).Count.ShouldBe(1);
        var task = await UploadAsync(session);
        (task.Files, task.Bytes).ShouldBe((5, 8));
        (task.TotalFiles, task.TotalBytes).ShouldBe((5, 8));
        (await PlanAsync(session, new AgbSyncRequest())).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_plan_of_a_download_names_what_would_come_and_what_stays()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >a; echo 1 >b; echo 1 >d/c; echo 1 >mine");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo changed >mine", Path);
        await FillAsync(context, Path, "printf 1234 >a; rm b; rm -r d; mkdir n; printf 12 >n/new; echo theirs >mine");
        var request = new AgbSyncRequest { Mode = AgbSyncTaskType.Download };
        var plan = await PlanAsync(session, request);
        plan.Select(p => $"{p.Action} {p.Path} {p.Size}").Order(StringComparer.Ordinal).ShouldBe(
        [
            "Add /home/data/n 0", "Add /home/data/n/new 2", "Change /home/data/a 4", "Delete /home/data/b 0", "Delete /home/data/d 0",
            "Delete /home/data/d/c 0", "Keep /home/data/mine 0",
        ]);
        (await TreeAsync(session, Path)).ShouldBe(["a=1", "b=1", "d/", "d/c=1", "mine=changed"]);
        (await PlanAsync(session, request with { Force = true })).ShouldContain(p => p.Action == AgbSyncAction.Change && p.Path == Path + "/mine");
        var task = await DownloadAsync(session);
        (task.Files, task.Bytes, task.TotalFiles, task.TotalBytes).ShouldBe((4, 6, 4, 6));
        (await TreeAsync(session, Path)).ShouldBe(["a=1234", "mine=changed", "n/", "n/new=12"]);
        (await PlanAsync(session, request)).ShouldAllBe(p => p.Action == AgbSyncAction.Keep);
    }

    [Fact]
    public async Task A_plan_says_what_the_policies_leave_out()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir src; echo 1 >src/a; echo 1 >src/b");
        var policy = new AgbSyncPolicy
        {
            Delete = new AgbDeletePolicy { SyncLocalFile = false },
            WhiteLists = [new AgbWhiteList { Path = "src" }],
        };
        var session = await StartAsync(context.At(Path, policy));
        await ShellAsync(session, "rm src/a; echo 2 >src/b; mkdir -p other/deep; echo 2 >other/deep/f", Path);
        (await PlanAsync(session, new AgbSyncRequest())).Select(p => $"{p.Action} {p.Path}").Order(StringComparer.Ordinal).ShouldBe(
            ["Change /home/data/src/b", "Keep /home/data/other", "Keep /home/data/src/a"]);
    }

    [Fact]
    public async Task A_plan_is_refused_where_the_sync_would_be()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a; echo 1 >b");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm a", Path);
        await RefusesAsync(AgbErrorIds.TooManyDeletions, () => PlanAsync(session, new AgbSyncRequest { MaxDeletePercent = 10 }));
        await RefusesAsync(AgbErrorIds.SyncTargetNotFound, () => PlanAsync(session, new AgbSyncRequest { Path = "/nowhere" }));
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Service.PlanSyncAsync(new SessionId("s-none"), new AgbSyncRequest(), Token));
    }

    [Fact]
    public async Task The_plans_of_several_mounts_come_together()
    {
        var (one, two) = (await NewContextAsync(), await NewContextAsync());
        var session = await StartAsync(one.At("/home/a"), two.At("/home/b", from: "/srv/origin"));
        await ShellAsync(session, "echo 1 >/home/a/f; echo 1 >/home/b/g");
        (await PlanAsync(session, new AgbSyncRequest())).Where(p => p.Size > 0).Select(p => (p.ContextId, p.Path)).ShouldBe(
            [(one.Id, "/home/a/f"), (two.Id, "/home/b/g")]);
        (await PlanAsync(session, new AgbSyncRequest { Path = "/home/b" })).ShouldAllBe(p => p.ContextId == two.Id);
    }

    private Task<IReadOnlyList<AgbSyncPlanItem>> PlanAsync(AgbSession session, AgbSyncRequest request) =>
        Service.PlanSyncAsync(session, request, Token);
}
