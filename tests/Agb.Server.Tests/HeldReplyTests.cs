using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Answers that wait for the end of what they began: the official clients look at once after them, and sleep when they see no end.</summary>
public sealed class HeldReplyTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_release_is_answered_when_it_has_ended_so_the_first_look_finds_the_session_gone()
    {
        await using var server = await TestServer.StartAsync(o => o with { ReplyHold = s_long });
        var (begun, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Fake.OnRelease = () =>
        {
            begun.SetResult();
            return gate.Task;
        };
        var session = await server.CreateSessionAsync();

        var answer = server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", Id(session.SessionId!));
        await begun.Task.WaitAsync(Token);
        answer.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        await answer;

        (await server.RefusesAsync(HttpMethod.Post, "/mcp/getSessionInfo", Id(session.SessionId!), AgbErrorIds.SessionNotFound)).Code
            .ShouldBe("InvalidMcpSession.NotFound");
    }

    [Fact]
    public async Task A_release_that_takes_longer_than_a_second_is_answered_before_its_end_and_the_state_says_so()
    {
        var time = new TestClock();
        var waited = time.HoldAsync(TimeSpan.FromSeconds(1));
        await using var server = await TestServer.StartAsync(o => o with { TimeProvider = time });
        var gate = new TaskCompletionSource();
        server.Fake.OnRelease = () => gate.Task;
        var session = await server.CreateSessionAsync();

        var answer = server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", Id(session.SessionId!));
        await waited.WaitAsync(Token);
        answer.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await answer;

        (await StatusAsync(server, session)).ShouldBe("DELETING");
        await server.RefusesAsync(HttpMethod.Post, "/mcp/getSession", Id(session.SessionId!), AgbErrorIds.SessionNotFound);
        gate.SetResult();
        await Eventually.HoldsAsync("the session is gone", () => server.Fake.Sessions == 0);
    }

    [Fact]
    public async Task With_a_real_session_the_first_look_after_each_answer_finds_the_end()
    {
        await using var server = await TestServer.StartAsync(o => o with { ReplyHold = s_long }, useEngine: true);
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id!;
        var session = await server.CreateSessionAsync($$"""{"persistenceDataList":[{"contextId":"{{context}}","path":"/home","policy":"{}"}]}""");
        (await server.TasksAsync(session.SessionId!)).ShouldHaveSingleItem().Status.ShouldBe("Success");
        (await server.CallToolAsync(session.SessionId!, "command", """{"command":"echo 1 >/home/f"}""")).IsError.ShouldBeFalse();

        await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session.SessionId}");
        (await server.TasksAsync(session.SessionId!, "&taskType=upload")).ShouldHaveSingleItem().Status.ShouldBe("Success");
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", Id(session.SessionId!));
        await server.RefusesAsync(HttpMethod.Post, "/mcp/getSessionInfo", Id(session.SessionId!), AgbErrorIds.SessionNotFound);
    }

    [Theory]
    [InlineData("/mcp/releaseSessionAsync")]
    [InlineData("/mcp/releaseSession")]
    public async Task A_release_goes_on_when_its_client_does_not_wait_for_the_answer(string path)
    {
        await using var server = await TestServer.StartAsync(o => o with { ReplyHold = s_long });
        var (begun, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Fake.OnRelease = () =>
        {
            begun.SetResult();
            return gate.Task;
        };
        var session = await server.CreateSessionAsync();
        using var leave = new CancellationTokenSource();
        using var content = new StringContent(Id(session.SessionId!));
        var answer = server.Client.PostAsync(path, content, leave.Token);
        await begun.Task.WaitAsync(Token);

        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        await Eventually.HoldsAsync("the server has seen that the client left", () => server.Log.Any(l => l.Contains(path, StringComparison.Ordinal) && l.Contains("499")));
        gate.SetResult();

        await Eventually.HoldsAsync("the session is gone", () => server.Fake.Sessions == 0);
    }

    [Theory]
    [InlineData("/mcp/releaseSessionAsync")]
    [InlineData("/mcp/releaseSession")]
    public async Task A_release_that_fails_says_so(string path)
    {
        await using var server = await TestServer.StartAsync(o => o with { ReplyHold = s_long });
        server.Fake.OnRelease = () => throw new AgbException(AgbErrorIds.SyncFailed, AgbErrorKind.Failed, "The upload failed: no space.", "Free some.");
        var session = await server.CreateSessionAsync();

        (await server.RefusesAsync(HttpMethod.Post, path, Id(session.SessionId!), AgbErrorIds.SyncFailed)).Message.ShouldContain("no space");

        await server.CallAsync(HttpMethod.Post, "/mcp/getSession", Id(session.SessionId!));
    }

    [Fact]
    public async Task A_sync_is_answered_when_it_has_ended_so_the_first_look_finds_its_result()
    {
        await using var server = await TestServer.StartAsync(o => o with { ReplyHold = s_long });
        var session = await server.CreateSessionAsync();
        server.Fake.SetTasks(new SessionId(session.SessionId!), Upload(session.SessionId!, AgbSyncTaskStatus.Running));
        var (begun, gate) = (new TaskCompletionSource<TimeSpan>(), new TaskCompletionSource());
        server.Fake.OnWaitSync = (timeout, _) =>
        {
            begun.SetResult(timeout);
            return gate.Task;
        };

        var answer = server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session.SessionId}");
        (await begun.Task.WaitAsync(Token)).ShouldBe(s_long);
        answer.IsCompleted.ShouldBeFalse();
        server.Fake.SetTasks(new SessionId(session.SessionId!), Upload(session.SessionId!, AgbSyncTaskStatus.Success));
        gate.SetResult();
        await answer;

        (await server.TasksAsync(session.SessionId!)).ShouldHaveSingleItem().Status.ShouldBe("Success");
    }

    [Fact]
    public async Task A_sync_that_takes_longer_is_answered_before_its_end_and_goes_on_without_its_client()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();
        server.Fake.SetTasks(new SessionId(session.SessionId!), Upload(session.SessionId!, AgbSyncTaskStatus.Running));
        server.Fake.OnWaitSync = (_, _) => throw new AgbException(AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout, "It goes on.", null);

        await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session.SessionId}");

        (await server.TasksAsync(session.SessionId!)).ShouldHaveSingleItem().Status.ShouldBe("Running");
        server.Fake.SyncToken.CanBeCanceled.ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_transfer_is_answered_when_it_has_ended()
    {
        await using var server = await TestServer.StartAsync(o => o with { ReplyHold = s_long });
        var session = await server.CreateSessionAsync();
        var directory = Directory.CreateTempSubdirectory("agb-held-reply-").FullName;
        try
        {
            var internalContext = $"&contextId={InternalContextId.Of(session.SessionId!)}&path={directory}";

            await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session.SessionId}{internalContext}&mode=download");

            (await server.TasksAsync(session.SessionId!, internalContext)).ShouldHaveSingleItem().Status.ShouldBe("Success");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string?> StatusAsync(TestServer server, SessionData session) =>
        (await server.CallAsync(HttpMethod.Post, "/mcp/getSessionInfo", Id(session.SessionId!))).DataAs(WireJson.Default.SessionStatusData)!.Status;

    private static string Id(string sessionId) => $$"""{"sessionId":"{{sessionId}}"}""";

    private static AgbSyncStatus Upload(string sessionId, AgbSyncTaskStatus status) => new()
    {
        SessionId = sessionId, ContextId = "SdkCtx-1", Path = "/p", TaskType = AgbSyncTaskType.Upload, Status = status, StartTime = DateTimeOffset.UnixEpoch,
    };
}
