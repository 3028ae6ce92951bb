namespace Agb.Conformance.Sync;

/// <summary>Tests of the status of syncs.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server)]
public sealed class SyncStatusTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task A_task_is_registered_when_the_call_that_starts_it_returns()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "echo 1 >f", Path);
        var started = (await Service.StartSyncAsync(session, new AgbSyncRequest(), Token)).ShouldHaveSingleItem();
        (started.SessionId, started.ContextId, started.Path, started.TaskType).ShouldBe((session.SessionId, context.Id, Path, AgbSyncTaskType.Upload));
        started.Status.ShouldNotBe(AgbSyncTaskStatus.Failed);
        (await StatusAsync(session, AgbSyncTaskType.Upload)).StartTime.ShouldBe(started.StartTime);
        await Service.WaitSyncAsync(session, Patience, cancellationToken: Token);
    }

    [Fact]
    public async Task A_finished_upload_says_what_it_did()
    {
        var (_, session) = await MountedAsync();
        await ShellAsync(session, "printf 12345 >f; printf 678 >g; ln -s f l", Path);
        var began = DateTimeOffset.UtcNow;
        await UploadAsync(session);
        var task = await StatusAsync(session, AgbSyncTaskType.Upload);
        task.Status.ShouldBe(AgbSyncTaskStatus.Success);
        (task.Files, task.Bytes, task.Version).ShouldBe((3, 8, 1));
        task.ErrorMessage.ShouldBeNull();
        task.Skipped.ShouldBeEmpty();
        task.StartTime.ShouldBeGreaterThan(began.AddMinutes(-5));
        task.FinishTime.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(task.StartTime);
        task.Service.ShouldBeSameAs(Service);
    }

    [Fact]
    public async Task A_session_has_one_current_task_for_each_direction_of_a_mount()
    {
        var (_, session) = await MountedAsync();
        for (var i = 0; i < 3; i++)
        {
            await ShellAsync(session, $"echo {i} >f{i}", Path);
            await UploadAsync(session);
        }
        await DownloadAsync(session);
        var tasks = await Service.GetSyncStatusAsync(session, cancellationToken: Token);
        tasks.Select(t => t.TaskType).Order().ShouldBe([AgbSyncTaskType.Upload, AgbSyncTaskType.Download]);
        tasks.Single(t => t.TaskType == AgbSyncTaskType.Upload).Version.ShouldBe(3);
    }

    [Fact]
    public async Task The_download_at_the_start_is_a_task()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >f");
        var session = await StartAsync(context.At(Path));
        var task = await StatusAsync(session, AgbSyncTaskType.Download);
        task.Status.ShouldBe(AgbSyncTaskStatus.Success);
        task.Version.ShouldBe(1);
        task.FinishTime.ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_automatic_download_no_task_stands_at_the_start()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path, autoDownload: false));
        (await Service.GetSyncStatusAsync(session, cancellationToken: Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_status_outlives_the_session_and_has_its_last_upload()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "printf 123 >f", Path);
        await ReleaseAsync(session);
        var task = await StatusAsync(session, AgbSyncTaskType.Upload);
        (task.Status, task.Files, task.Bytes, task.Version).ShouldBe((AgbSyncTaskStatus.Success, 1, 3, 1));
        (await VersionsAsync(context))[0].SessionId.ShouldBe(session.SessionId);
    }

    [Fact]
    public async Task The_status_can_be_asked_for_one_context_path_or_direction()
    {
        var (a, b) = (await NewContextAsync(), await NewContextAsync());
        var session = await StartAsync(a.At("/home/a"), b.At("/home/b"));
        await UploadAsync(session);
        (await AskAsync(a.Id)).ShouldBe(["/home/a", "/home/a"]);
        (await AskAsync(path: "/home/b/")).ShouldBe(["/home/b", "/home/b"]);
        (await AskAsync(type: AgbSyncTaskType.Upload)).ShouldBe(["/home/a", "/home/b"]);
        (await AskAsync(a.Id, "/home/b")).ShouldBeEmpty();

        async Task<string[]> AskAsync(string? contextId = null, string? path = null, AgbSyncTaskType? type = null) =>
            [.. (await Service.GetSyncStatusAsync(session, ContextId.Optional(contextId), path, type, Token)).Select(t => t.Path).Order()];
    }

    [Fact]
    public async Task A_sync_can_be_asked_for_one_context()
    {
        var (a, b) = (await NewContextAsync(), await NewContextAsync());
        var session = await StartAsync(a.At("/home/a"), b.At("/home/b"));
        await ShellAsync(session, "echo 1 >/home/a/f; echo 1 >/home/b/f");
        (await Service.StartSyncAsync(session, new AgbSyncRequest { ContextId = b.Id }, Token)).ShouldHaveSingleItem().Path.ShouldBe("/home/b");
        await Service.WaitSyncAsync(session, Patience, cancellationToken: Token);
        (await VersionsAsync(a)).ShouldBeEmpty();
        (await VersionsAsync(b)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_sync_can_be_asked_for_one_path()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At("/home/a"), context.At("/home/b"));
        await ShellAsync(session, "echo 1 >/home/a/f; echo 1 >/home/b/f");
        await UploadAsync(session, "/home/a");
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe(["/home/a"]);
    }

    [Fact]
    public async Task A_session_without_mounts_has_nothing_to_sync()
    {
        var bare = await StartAsync([]);
        (await Service.StartSyncAsync(bare, new AgbSyncRequest(), Token)).ShouldBeEmpty();
        (await Service.WaitSyncAsync(bare, Patience, cancellationToken: Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sync_of_a_context_that_is_not_mounted_is_refused()
    {
        var other = await NewContextAsync();
        var (_, session) = await MountedAsync();
        await RefusesAsync(AgbErrorIds.SyncTargetNotFound, () => Service.StartSyncAsync(session, new AgbSyncRequest { ContextId = other.Id }, Token));
    }

    [Fact]
    public async Task A_sync_of_a_path_that_is_not_mounted_is_refused_with_those_that_are()
    {
        var (_, session) = await MountedAsync();
        var error = await RefusesAsync(
            AgbErrorIds.SyncTargetNotFound, () => Service.StartSyncAsync(session, new AgbSyncRequest { Path = "/home/other" }, Token));
        $"{error.Message} {error.Remedy}".ShouldContain(Path);
    }

    [Fact]
    public async Task A_sync_with_a_bad_path_is_refused()
    {
        var (_, session) = await MountedAsync();
        await RefusesAsync(AgbErrorIds.InvalidPath, () => Service.StartSyncAsync(session, new AgbSyncRequest { Path = "home" }, Token));
    }

    [Fact]
    public async Task A_sync_of_an_unknown_session_is_refused() =>
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Service.StartSyncAsync(new SessionId("s-none"), new AgbSyncRequest(), Token));

    [Fact]
    public async Task The_status_of_an_unknown_session_is_refused() =>
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSyncStatusAsync(new SessionId("s-none"), cancellationToken: Token));

    [Fact]
    public async Task Waiting_for_an_unknown_session_is_refused() =>
        await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.WaitSyncAsync(new SessionId("s-none"), Patience, cancellationToken: Token));

    [Fact]
    public async Task A_sync_of_a_released_session_is_refused()
    {
        var (_, session) = await MountedAsync();
        await ReleaseAsync(session);
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Service.StartSyncAsync(session, new AgbSyncRequest(), Token));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_changes_nothing()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "echo 1 >f", Path);
        await Should.ThrowAsync<OperationCanceledException>(
            () => Service.StartSyncAsync(session, new AgbSyncRequest(), new CancellationToken(canceled: true)));
        (await VersionsAsync(context)).ShouldBeEmpty();
    }

    private async Task<(AgbContext Context, AgbSession Session)> MountedAsync()
    {
        var context = await NewContextAsync();
        return (context, await StartAsync(context.At(Path)));
    }

    private async Task<AgbSyncStatus> StatusAsync(AgbSession session, AgbSyncTaskType type) =>
        (await Service.GetSyncStatusAsync(session, taskType: type, cancellationToken: Token)).ShouldHaveSingleItem();
}
