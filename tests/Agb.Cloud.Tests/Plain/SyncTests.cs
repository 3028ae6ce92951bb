using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Syncs by the plain AGB API.</summary>
public sealed class SyncTests : PlainTest
{
    private const string Sync = "/sdk/SyncContext";
    private const string Info = "/sdk/GetContextInfo";

    public SyncTests()
    {
        Fake.On(Sync, FakeAgb.Envelope());
        Fake.On(Info, ContextStatus(
            TaskItem("c-1", "/home/a", "upload", "Success"), TaskItem("c-1", "/home/a", "download", "running"),
            TaskItem("c-2", "/home/b/", "upload", "Failed", "why"), TaskItem("c-2", "/home/b/", "other", "Success")));
    }

    [Fact]
    public async Task Tasks_are_read_through_all_their_encodings()
    {
        var tasks = await Service.GetSyncStatusAsync(new SessionId("s-1"), cancellationToken: Token);
        tasks.Select(t => (t.ContextId, t.Path, t.TaskType, t.Status, t.ErrorMessage)).ShouldBe(
        [
            ("c-1", "/home/a", AgbSyncTaskType.Upload, AgbSyncTaskStatus.Success, null),
            ("c-1", "/home/a", AgbSyncTaskType.Download, AgbSyncTaskStatus.Running, null),
            ("c-2", "/home/b/", AgbSyncTaskType.Upload, AgbSyncTaskStatus.Failed, "why"),
        ]);
        tasks[0].FinishTime.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1760000002));
        tasks.ShouldAllBe(t => t.SessionId == "s-1" && ReferenceEquals(t.Service, Service));
    }

    [Fact]
    public async Task Tasks_can_be_asked_for_one_context_path_or_direction()
    {
        (await Service.GetSyncStatusAsync(new SessionId("s-1"), ContextId.Optional("c-1"), cancellationToken: Token)).Count.ShouldBe(2);
        (await Service.GetSyncStatusAsync(new SessionId("s-1"), path: "/home/b", cancellationToken: Token)).ShouldHaveSingleItem().ContextId.ShouldBe("c-2");
        (await Service.GetSyncStatusAsync(new SessionId("s-1"), taskType: AgbSyncTaskType.Download, cancellationToken: Token)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_sync_of_everything_names_the_direction_only_when_it_is_a_download()
    {
        (await Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest(), Token)).ShouldAllBe(t => t.TaskType == AgbSyncTaskType.Upload);
        await Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest { Mode = AgbSyncTaskType.Download }, Token);
        Fake.Of(Sync)[0].Query.Keys.ShouldBe(["sessionId"]);
        Fake.Of(Sync)[1].Query["mode"].ShouldBe("download");
    }

    [Fact]
    public async Task A_sync_of_one_mount_names_both_context_and_path()
    {
        await Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest { ContextId = "c-1", Path = "/home/a/" }, Token);
        var sent = Fake.Of(Sync).ShouldHaveSingleItem();
        (sent.Query["contextId"], sent.Query["path"], sent.Query["mode"]).ShouldBe(("c-1", "/home/a", "upload"));
    }

    [Fact]
    public async Task A_path_alone_is_looked_up_in_the_tasks_and_sent_as_it_was_given()
    {
        await Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest { Path = "/home/b" }, Token);
        var sent = Fake.Of(Sync).ShouldHaveSingleItem();
        (sent.Query["contextId"], sent.Query["path"]).ShouldBe(("c-2", "/home/b/"));
    }

    [Fact]
    public async Task A_context_alone_is_looked_up_in_the_mounts_that_it_was_created_with()
    {
        Fake.Ok("/mcp/createSession", """{"sessionId":"s-1"}""");
        await Service.CreateSessionAsync(
            new AgbSessionRequest
            {
                NoWait = true,
                ContextSyncs = [.. new[] { "/home/x", "/home/y" }.Select(p => new AgbContextSync { ContextId = "c-9", Path = p })],
            },
            Token);
        await Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest { ContextId = "c-9" }, Token);
        Fake.Of(Sync).Select(s => s.Query["path"]).ShouldBe(["/home/x", "/home/y"]);
    }

    [Fact]
    public async Task What_is_not_mounted_is_refused_with_what_is()
    {
        var error = await FailsAsync<AgbException>(
            AgbErrorIds.SyncTargetNotFound, () => Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest { Path = "/home/none" }, Token));
        foreach (var named in (string[])["/home/none", "c-1 at /home/a", "c-2 at /home/b/"])
        {
            error.Message.ShouldContain(named);
        }
        Fake.Of(Sync).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_plain_sync_can_not_do_is_NotSupported()
    {
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest { Force = true }, Token));
        await FailsAsync<AgbException>(AgbErrorIds.NotSupported, () => Service.StartSyncAsync(new SessionId("s-1"), new AgbSyncRequest { MaxDeletePercent = 5 }, Token));
        Fake.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wait_ends_when_all_tasks_have()
    {
        Fake.On(
            Info,
            () => FakeAgb.Json(ContextStatus(TaskItem("c", "/home/a", "upload", "Pending"))),
            () => FakeAgb.Json(ContextStatus(TaskItem("c", "/home/a", "upload", "Failed", "why"))));
        (await Service.WaitSyncAsync(new SessionId("s-1"), TimeSpan.FromSeconds(10), cancellationToken: Token)).ShouldHaveSingleItem().ErrorMessage.ShouldBe("why");
    }

    [Fact]
    public async Task A_wait_that_is_over_is_WaitTimeout()
    {
        var error = await FailsAsync<AgbException>(
            AgbErrorIds.WaitTimeout, () => Service.WaitSyncAsync(new SessionId("s-1"), TimeSpan.FromSeconds(3), cancellationToken: Token));
        error.Message.ShouldContain("3 s");
        Time.Over.Aggregate(TimeSpan.Zero, (a, b) => a + b).ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        Fake.On(Info, _ =>
        {
            cancel.Cancel();
            return FakeAgb.Json(ContextStatus(TaskItem("c", "/home/a", "upload", "Pending")));
        });
        await Should.ThrowAsync<OperationCanceledException>(() => Service.WaitSyncAsync(new SessionId("s-1"), TimeSpan.FromDays(1), cancellationToken: cancel.Token));
    }

    [Theory]
    [InlineData("{\"contextStatus\":\"not json\"}")]
    [InlineData("{\"contextStatus\":[]}")]
    [InlineData("{\"contextStatus\":\"[{\\\"type\\\":\\\"data\\\",\\\"data\\\":\\\"x\\\"}]\"}")]
    public async Task A_status_that_can_not_be_read_is_an_error_of_the_service(string data)
    {
        Fake.Ok(Info, data);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, () => Service.GetSyncStatusAsync(new SessionId("s-1"), cancellationToken: Token));
    }
}
