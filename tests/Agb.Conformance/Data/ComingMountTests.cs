namespace Agb.Conformance.Data;

/// <summary>Contexts that come and go in a running session.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server | Services.UserOverlay, Long = Services.UserCopy)]
public sealed class ComingMountTests : ServiceTest
{
    private const string Path = "/data/here";

    private ISessionMountService Mounts => (ISessionMountService)Service;

    [Fact]
    public async Task A_context_comes_and_its_changes_are_stored_when_it_goes()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >file; mkdir d; echo 0 >d/gone");
        var session = await StartAsync();
        var mount = await MountAsync(session, context);
        (mount.ContextId, mount.Path, mount.OriginPath, mount.Version, mount.IsReadOnly).ShouldBe((context.Id, Path, Path, 1, false));
        (await TreeAsync(session, Path)).ShouldBe(["d/", "d/gone=0", "file=0"]);
        (await Service.GetSessionAsync(session, Token)).ContextSyncs.ShouldHaveSingleItem().Path.ShouldBe(Path);
        await ShellAsync(session, "echo 1 >file; rm d/gone; echo 1 >new", Path);
        (await Mounts.DismountContextAsync(session, new AgbMountChange { Path = Path }, Token)).Path.ShouldBe(Path);
        (await TreeAsync(session, Path)).ShouldBeEmpty();
        (await Mounts.ListMountsAsync(session, Token)).ShouldBeEmpty();
        (await Service.GetSessionAsync(session, Token)).ContextSyncs.ShouldBeEmpty();
        (await StoredAsync(context, Path)).ShouldBe(["d/", "file=1", "new=1"]);
        await MountAsync(session, context);
        (await TreeAsync(session, Path)).ShouldBe(["d/", "file=1", "new=1"]);
    }

    [Fact]
    public async Task A_context_of_the_start_goes_and_another_comes_to_its_path()
    {
        var (first, second) = (await NewContextAsync(), await NewContextAsync());
        await FillAsync(second, Path, "echo 2 >second");
        var session = await StartAsync(first.At(Path));
        await ShellAsync(session, "echo 1 >first", Path);
        await Mounts.DismountContextAsync(session, new AgbMountChange { ContextId = first.Name }, Token);
        await MountAsync(session, second);
        (await TreeAsync(session, Path)).ShouldBe(["second=2"]);
        await ShellAsync(session, "echo 2 >more", Path);
        await UploadAsync(session);
        await ReleaseAsync(session);
        (await StoredAsync(first, Path)).ShouldBe(["first=1"]);
        (await StoredAsync(second, Path)).ShouldBe(["more=2", "second=2"]);
    }

    [Fact]
    public async Task A_switch_shows_the_newest_version_with_the_changes_of_both_sessions()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >file");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 1 >mine", Path);
        await FillAsync(context, Path, "echo 2 >theirs");
        var mount = await Mounts.SwitchContextAsync(session, new AgbMountChange { Path = Path }, Token);
        mount.Version.ShouldBe(3);
        (await TreeAsync(session, Path)).ShouldBe(["file=0", "mine=1", "theirs=2"]);
        await ShellAsync(session, "echo 3 >after", Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["after=3", "file=0", "mine=1", "theirs=2"]);
    }

    [Fact]
    public async Task An_older_version_is_shown_and_a_change_of_it_joins_the_newest()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >file; echo 1 >kept");
        await FillAsync(context, Path, "echo 2 >file; echo 2 >new");
        var session = await StartAsync();
        (await MountAsync(session, context, version: 1)).Version.ShouldBe(1);
        (await TreeAsync(session, Path)).ShouldBe(["file=1", "kept=1"]);
        await ShellAsync(session, "echo 3 >kept", Path);
        (await Mounts.SwitchContextAsync(session, new AgbMountChange { Path = Path, Version = 2 }, Token)).Version.ShouldBe(2);
        (await TreeAsync(session, Path)).ShouldBe(["file=2", "kept=1", "new=2"]);
        (await StoredAsync(context, Path)).ShouldBe(["file=2", "kept=3", "new=2"]);
    }

    [Fact]
    public async Task A_read_only_mount_refuses_writes_and_has_nothing_to_store()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >file");
        var session = await StartAsync();
        (await MountAsync(session, context, isReadOnly: true)).IsReadOnly.ShouldBeTrue();
        (await RunAsync(session, $"echo 1 >{Path}/file")).Output.ShouldContain("Read-only file system");
        (await UploadAsync(session)).Files.ShouldBe(0);
        await FailsAsync(AgbErrorIds.MountFailed, () => Service.StartSyncAsync(session, new AgbSyncRequest { Mode = AgbSyncTaskType.Download, Path = Path }, Token));
        await FillAsync(context, Path, "echo 2 >file");
        await Mounts.SwitchContextAsync(session, new AgbMountChange { Path = Path }, Token);
        (await TreeAsync(session, Path)).ShouldBe(["file=2"]);
        (await Mounts.ListMountsAsync(session, Token)).ShouldHaveSingleItem().IsReadOnly.ShouldBeTrue();
    }

    [Fact]
    public async Task A_part_of_a_context_is_mounted_and_stored_where_it_was()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv", "mkdir -p datasets/train; echo 0 >datasets/train/a; echo 0 >other");
        var session = await StartAsync();
        (await MountAsync(session, context, subPath: "datasets/train")).OriginPath.ShouldBe("/srv/datasets/train");
        (await TreeAsync(session, Path)).ShouldBe(["a=0"]);
        await ShellAsync(session, "echo 1 >b", Path);
        await Mounts.DismountContextAsync(session, new AgbMountChange { Path = Path }, Token);
        (await StoredAsync(context, "/srv")).ShouldBe(["datasets/", "datasets/train/", "datasets/train/a=0", "datasets/train/b=1", "other=0"]);
    }

    [Fact]
    public async Task Open_files_keep_the_old_tree_and_later_writes_are_not_stored()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >file");
        await FillAsync(context, Path, "echo 2 >file");
        var session = await StartAsync();
        await MountAsync(session, context, version: 1);
        await ShellAsync(session, $"(cd {Path}; exec 3<file; touch /tmp/ready; until [ -e /tmp/go ]; do sleep 0.02; done; cat <&3 >/tmp/seen; echo late >late 2>/tmp/refused; touch /tmp/done) >/dev/null 2>&1 &");
        await ShellAsync(session, "until [ -e /tmp/ready ]; do sleep 0.02; done");
        await Mounts.SwitchContextAsync(session, new AgbMountChange { Path = Path }, Token);
        (await ShellAsync(session, $"touch /tmp/go; until [ -e /tmp/done ]; do sleep 0.02; done; cat /tmp/seen {Path}/file")).ShouldBe("1\n2");
        (await ShellAsync(session, $"ls {Path}")).ShouldBe("file");
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["file=2"]);
        (await VersionsAsync(context)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_file_that_is_open_for_writing_holds_the_mount()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"echo 0 >{Path}/log; (exec 3>>{Path}/log; touch /tmp/ready; until [ -e /tmp/go ]; do sleep 0.02; done; echo late >&3; touch /tmp/done) >/dev/null 2>&1 &");
        await ShellAsync(session, "until [ -e /tmp/ready ]; do sleep 0.02; done");
        var error = await FailsAsync(AgbErrorIds.MountInUse, () => Mounts.DismountContextAsync(session, new AgbMountChange { Path = Path }, Token));
        error.Message.ShouldContain("bash (process ");
        await ShellAsync(session, "echo 1 >other", Path);
        await Mounts.DismountContextAsync(session, new AgbMountChange { Path = Path, Force = true }, Token);
        await ShellAsync(session, "touch /tmp/go; until [ -e /tmp/done ]; do sleep 0.02; done");
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["log=0", "other=1"]);
    }

    [Fact]
    public async Task Changes_that_the_policy_does_not_upload_are_refused_uploaded_or_dropped_on_request()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path, autoUpload: false));
        await ShellAsync(session, "echo 1 >file", Path);
        (await FailsAsync(AgbErrorIds.UnsavedChanges, () => Mounts.DismountContextAsync(session, new AgbMountChange { Path = Path }, Token)))
            .Message.ShouldContain("1 change");
        await ShellAsync(session, "echo 1 >more", Path);
        await Mounts.DismountContextAsync(session, new AgbMountChange { Path = Path, Changes = AgbReleaseMode.Upload }, Token);
        (await StoredAsync(context, Path)).ShouldBe(["file=1", "more=1"]);
        await MountAsync(session, context);
        await ShellAsync(session, "echo 2 >file", Path);
        await Mounts.DismountContextAsync(session, new AgbMountChange { Path = Path, Changes = AgbReleaseMode.Discard }, Token);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["file=1", "more=1"]);
    }

    [Fact]
    public async Task A_sync_starts_no_task_of_a_mount_that_was_taken_out()
    {
        var (gone, stays) = (await NewContextAsync(), await NewContextAsync());
        var session = await StartAsync(gone.At("/data/gone"), stays.At(Path));
        await ShellAsync(session, $"echo 1 >/data/gone/file; echo 1 >{Path}/file");
        await Mounts.DismountContextAsync(session, new AgbMountChange { Path = "/data/gone" }, Token);

        var started = await Service.StartSyncAsync(session, new AgbSyncRequest(), Token);

        started.Select(t => t.Path).ShouldBe([Path]);
        (await Service.WaitSyncAsync(session, Patience, cancellationToken: Token)).Where(t => t.TaskType == AgbSyncTaskType.Upload)
            .Select(t => t.Path).ShouldBe(["/data/gone", Path], ignoreOrder: true, "its last upload stays in the status");
    }

    [Fact]
    public async Task Contexts_come_and_go_in_a_sleeping_session()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >file");
        var session = await StartAsync(context.At("/data/first", from: Path));
        await ShellAsync(session, "echo 1 >/data/first/new");
        await ((ISessionSleepService)Service).SuspendSessionAsync(session, Token);
        await Mounts.DismountContextAsync(session, new AgbMountChange { Path = "/data/first" }, Token);
        await MountAsync(session, context);
        (await TreeAsync(session, Path)).ShouldBe(["file=0", "new=1"]);
    }

    [Fact]
    public async Task Sixty_four_mounts_are_the_most()
    {
        var context = await NewContextAsync();
        var session = await StartAsync();
        for (var i = 0; i < AgbSessionRequest.MaxContextSyncs; i++)
        {
            await MountAsync(session, context, $"/data/n{i}");
        }
        (await Mounts.ListMountsAsync(session, Token)).Count.ShouldBe(AgbSessionRequest.MaxContextSyncs);
        await RefusesAsync(AgbErrorIds.InvalidSessionOption, () => MountAsync(session, context, "/data/more"));
        await Mounts.DismountContextAsync(session, new AgbMountChange { Path = "/data/n7" }, Token);
        await MountAsync(session, context, "/data/more");
        (await ShellAsync(session, "for d in /data/n* /data/more; do touch $d/file; done; ls -d /data/* | wc -l")).ShouldBe("65");
    }

    [Fact]
    public async Task Bad_input_is_refused_before_anything_changes()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 0 >file");
        var session = await StartAsync(context.At("/data/held"));
        await ShellAsync(session, "ln -s /tmp /home/link");
        await RefusesAsync(AgbErrorIds.OverlappingPaths, () => MountAsync(session, context, "/data/held"));
        await RefusesAsync(AgbErrorIds.OverlappingPaths, () => MountAsync(session, context, "/data/held/below"));
        await RefusesAsync(AgbErrorIds.OverlappingPaths, () => MountAsync(session, context, "/data"));
        await RefusesAsync(AgbErrorIds.ReservedPath, () => MountAsync(session, context, "/usr"));
        await RefusesAsync(AgbErrorIds.InvalidPath, () => MountAsync(session, context, "relative"));
        await RefusesAsync(AgbErrorIds.InvalidPath, () => MountAsync(session, context, subPath: "../out"));
        await RefusesAsync(AgbErrorIds.FileNotFound, () => MountAsync(session, context, "/srv/x", isReadOnly: true, subPath: "missing"));
        await RefusesAsync(AgbErrorIds.VersionNotFound, () => MountAsync(session, context, version: 9));
        await RefusesAsync(AgbErrorIds.InvalidSessionOption, () => MountAsync(session, context, version: 0));
        await RefusesAsync(AgbErrorIds.MountFailed, () => MountAsync(session, context, "/home"));
        await FailsAsync(AgbErrorIds.MountFailed, () => MountAsync(session, context, "/home/link/x"));
        await RefusesAsync(AgbErrorIds.VersionNotFound, () => Mounts.SwitchContextAsync(session, new AgbMountChange { Path = "/data/held", Version = 9 }, Token));
        await RefusesAsync(AgbErrorIds.SyncTargetNotFound, () => Mounts.DismountContextAsync(session, new AgbMountChange { Path = "/data/other" }, Token));
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => Mounts.MountContextAsync(session, new AgbMountRequest { Sync = new AgbContextSync { ContextId = "missing", Path = Path } }, Token));
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Mounts.ListMountsAsync(new SessionId("session-missing"), Token));
        (await Mounts.ListMountsAsync(session, Token)).ShouldHaveSingleItem().Path.ShouldBe("/data/held");
        await ReleaseAsync(session);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => MountAsync(session, context));
    }

    private Task<AgbMount> MountAsync(
        AgbSession session, AgbContext context, string path = Path, long? version = null, bool isReadOnly = false, string? subPath = null) => Mounts.MountContextAsync(
        session, new AgbMountRequest { Sync = new AgbContextSync { ContextId = context.Id, Path = path }, Version = version, IsReadOnly = isReadOnly, SubPath = subPath }, Token);
}
