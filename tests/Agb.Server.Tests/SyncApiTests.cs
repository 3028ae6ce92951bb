using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

public sealed class SyncApiTests
{
    private static readonly DateTimeOffset s_time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Paths_are_told_byte_for_byte_as_they_were_given_also_after_a_restart()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync(
            """{"persistenceDataList":[{"contextId":"SdkCtx-1","path":"/tmp/extensions/","policy":"{}"},{"contextId":"SdkCtx-1","path":"/home//data","policy":"{}"}]}""");

        var before = await server.TasksAsync(session.SessionId!);
        var one = await server.TasksAsync(session.SessionId!, "&contextId=SdkCtx-1&path=/tmp/extensions/&taskType=download");
        await server.StopAsync();
        await server.StartAgainAsync();
        var after = await server.TasksAsync(session.SessionId!);

        before.Select(t => t.Path).ShouldBe(["/tmp/extensions/", "/home//data"]);
        one.ShouldHaveSingleItem().Path.ShouldBe("/tmp/extensions/");
        after.Select(t => t.Path).ShouldBe(["/tmp/extensions/", "/home//data"]);
    }

    [Fact]
    public async Task A_context_may_be_named_where_an_id_is_asked_for()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();
        var context = await server.Fake.CreateContextAsync("by name", cancellationToken: TestContext.Current.CancellationToken);
        server.Fake.SetTasks(new SessionId(session.SessionId!), Task(AgbSyncTaskType.Upload, AgbSyncTaskStatus.Success, 0) with { ContextId = context.Id });

        (await server.TasksAsync(session.SessionId!, "&contextId=by+name")).ShouldHaveSingleItem().ContextId.ShouldBe(context.Id);
    }

    [Fact]
    public async Task What_is_no_direction_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        await server.RefusesAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session.SessionId}&mode=both", null, AgbErrorIds.InvalidRequest);
        await server.RefusesAsync(HttpMethod.Get, $"/sdk/GetContextInfo?sessionId={session.SessionId}&taskType=both", null, AgbErrorIds.InvalidRequest);
        await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session.SessionId}");
    }

    [Fact]
    public void A_failed_task_is_told_until_there_is_a_newer_one_of_its_mount()
    {
        var failed = Task(AgbSyncTaskType.Upload, AgbSyncTaskStatus.Failed, 1);
        var newer = Task(AgbSyncTaskType.Download, AgbSyncTaskStatus.Running, 2);
        var older = Task(AgbSyncTaskType.Download, AgbSyncTaskStatus.Success, 0);
        var elsewhere = Task(AgbSyncTaskType.Download, AgbSyncTaskStatus.Success, 2) with { Path = "/other" };

        SyncEndpoints.Current([failed, newer]).ShouldBe([newer]);
        SyncEndpoints.Current([failed, older]).ShouldBe([failed, older]);
        SyncEndpoints.Current([failed, elsewhere]).ShouldBe([failed, elsewhere]);
    }

    private static AgbSyncStatus Task(AgbSyncTaskType type, AgbSyncTaskStatus status, int seconds) => new()
    {
        SessionId = "s", ContextId = "c", Path = "/p", TaskType = type, Status = status, StartTime = s_time.AddSeconds(seconds),
    };
}
