using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>What a server answers while a session is released whose upload is an archive of 200 MB, with the real engine. The release is held
/// in the middle, with the locks that it holds there: a call that waited for it would never be answered.</summary>
public sealed class ReleaseBesideCallsTests
{
    private static readonly TimeSpan s_never = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("create", true)]
    [InlineData("rename", true)]
    [InlineData("rename", false)]
    public async Task No_call_waits_for_the_release_of_another_session(string where, bool isAskedFor)
    {
        var time = new TestClock();
        await using var server = await TestServer.StartAsync(o => o with { ReplyHold = TimeSpan.Zero, TimeProvider = time }, useEngine: true);
        using var held = new HeldCall(Path.Combine(server.Data, "owners", "default"));
        held.Hold(where, "/packed");
        var (shared, own) = (await ContextAsync(server, "shared"), await ContextAsync(server, "own"));
        const string Archive = """{\"uploadPolicy\":{\"autoUpload\":true,\"uploadMode\":\"Archive\"}}""";
        var leaving = await SessionAsync(server, shared, Archive, idle: 600);
        var staying = await SessionAsync(server, shared, Archive);
        await RunAsync(server, leaving, "truncate -s 200M /home/data/large; echo end >>/home/data/large");

        if (isAskedFor)
        {
            await Soon(server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSessionAsync, Id(leaving)));
        }
        else
        {
            time.Advance(TimeSpan.FromMinutes(11));
            (await StatusAsync(server, leaving)).ShouldBe("DELETING");
        }
        await Soon(held.Reached);

        (await StatusAsync(server, leaving)).ShouldBe("DELETING");
        (await StatusAsync(server, staying)).ShouldBe("RUNNING");
        (await Soon(server.TasksAsync(staying))).ShouldNotBeEmpty();
        (await Soon(server.TasksAsync(staying, $"&contextId={shared}"))).ShouldNotBeEmpty();
        await Soon(server.CallAsync(HttpMethod.Post, AgbRoutes.GetSession, Id(staying)));
        (await Soon(server.CallAsync(HttpMethod.Get, AgbRoutes.ListSession))).Count.ShouldBe(isAskedFor ? 1 : 2);
        await Soon(server.CallAsync(HttpMethod.Get, $"{AgbRoutes.GetContext}?id={shared}"));
        await Soon(server.CallAsync(HttpMethod.Get, AgbRoutes.ListContexts));
        await Soon(server.CallAsync(HttpMethod.Post, $"{AgbRoutes.DescribeContextFiles}?contextId={shared}&parentFolderPath=/home/data"));
        await Soon(server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetContextPaths, $$"""{"contextId":"{{shared}}"}"""));
        (await RunAsync(server, staying, "echo here")).ShouldContain("here");
        var third = await SessionAsync(server, own, "{}");
        await RunAsync(server, third, "echo 1 >/home/data/f");
        await Soon(server.CallAsync(HttpMethod.Post, $"{AgbRoutes.SyncContext}?sessionId={third}"));
        await SyncedAsync(server, third);
        await Soon(server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, Id(third)));

        held.Let();
        await Eventually.HoldsAsync("the session is gone", async () => await StatusAsync(server, leaving) == "");
        (await Soon(server.CallAsync(HttpMethod.Post, AgbServerRoutes.GetContextFile, $$"""{"contextId":"{{shared}}","path":"/home/data/archive.zip"}""")))
            .DataAs(WireJson.Default.AgbContextFile)!.Size.ShouldBeGreaterThan(100_000);
        await Soon(server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, Id(staying)));
    }

    private static string Id(string session) => $$"""{"sessionId":"{{session}}"}""";

    private static async Task<string> ContextAsync(TestServer server, string name) =>
        (await server.CallAsync(HttpMethod.Get, $"{AgbRoutes.GetContext}?name={name}&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id!;

    private static async Task<string> SessionAsync(TestServer server, string context, string policy, int idle = 0) => (await Soon(server.CreateSessionAsync(
        $$"""{"timeout":{{idle}},"persistenceDataList":[{"contextId":"{{context}}","path":"/home/data","policy":"{{policy}}"}]}"""))).SessionId!;

    private static async Task<string> RunAsync(TestServer server, string session, string command)
    {
        var result = await Soon(server.CallToolAsync(session, "command", $$"""{"command":"{{command}}"}"""));
        var text = result.Content!.ShouldHaveSingleItem().Text!;
        result.IsError.ShouldBeFalse(text);
        return text;
    }

    /// <summary>What the status is; nothing when there is no such session.</summary>
    private static async Task<string> StatusAsync(TestServer server, string session)
    {
        var (_, envelope, _) = await Soon(TestServer.SendAsync(server.Client, HttpMethod.Post, AgbRoutes.GetSessionInfo, Id(session)));
        return envelope.Success ? envelope.DataAs(WireJson.Default.SessionStatusData)!.Status! : "";
    }

    private static Task SyncedAsync(TestServer server, string session) => Eventually.HoldsAsync(
        "the sync has ended", async () => (await Soon(server.TasksAsync(session, "&taskType=upload"))).ShouldHaveSingleItem().Status == "Success");

    // Only a failing test waits so long.
    private static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(s_never, Token);

    private static Task Soon(Task task) => task.WaitAsync(s_never, Token);
}
