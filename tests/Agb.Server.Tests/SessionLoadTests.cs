using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>What happens when there are as many sessions as there may be: another is refused and told when to come again.</summary>
public sealed class SessionLoadTests
{
    private const string Create = "/mcp/createSession?imageId=agb-code-space-1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_gets_no_more_sessions_than_it_may_have_until_one_is_released()
    {
        await using var server = await StartAsync(new LoadLimits { MaxSessionsPerOwner = 2 });
        using var other = OtherClient(server);
        var session = (await server.CreateSessionAsync()).SessionId;
        await server.CreateSessionAsync();

        var refused = await RefusedAsync(server.Client);
        await AcceptedAsync(other);
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSession", $$"""{"sessionId":"{{session}}"}""");
        await server.CreateSessionAsync();

        refused.Message.ShouldContain("has 2 sessions; its limit is 2");
        refused.AgbError!.Kind.ShouldBe(AgbErrorKind.ResourceExhausted);
        await RefusedAsync(server.Client);
    }

    [Fact]
    public async Task The_server_gets_no_more_sessions_than_it_may_have()
    {
        await using var server = await StartAsync(new LoadLimits { MaxSessions = 2 });
        using var other = OtherClient(server);
        await AcceptedAsync(server.Client);
        await AcceptedAsync(other);

        (await RefusedAsync(server.Client)).Message.ShouldContain("The server has 2 sessions");
        await RefusedAsync(other);
    }

    [Fact]
    public async Task Creations_at_once_are_never_one_too_many()
    {
        await using var server = await StartAsync(new LoadLimits { MaxSessions = 3 });
        var (begun, gate) = (0, new TaskCompletionSource());
        server.Fake.OnCreate = _ =>
        {
            Interlocked.Increment(ref begun);
            return gate.Task;
        };
        var creations = Enumerable.Range(0, 20).Select(_ => TestServer.SendAsync(server.Client, HttpMethod.Post, Create, "{}")).ToList();

        // Those that got a place can't end before the gate is open, so those that end are those that were refused.
        for (var refused = 0; refused < 17; refused++)
        {
            var ended = await Task.WhenAny(creations);
            (await ended).Status.ShouldBe(429);
            creations.Remove(ended);
        }
        gate.SetResult();
        (await Task.WhenAll(creations)).ShouldAllBe(c => c.Status == 200);

        begun.ShouldBe(3);
    }

    [Fact]
    public async Task A_creation_that_fails_gives_its_place_back()
    {
        await using var server = await StartAsync(new LoadLimits { MaxSessionsPerOwner = 1 });
        await server.RefusesAsync(HttpMethod.Post, "/mcp/createSession?imageId=none", "{}", AgbErrorIds.ImageNotFound);
        await server.RefusesAsync(HttpMethod.Post, "/mcp/createSession?imageId=none", "{}", AgbErrorIds.ImageNotFound);

        await AcceptedAsync(server.Client);
        await RefusedAsync(server.Client);
    }

    [Fact]
    public async Task A_release_in_the_background_gives_the_place_back_when_it_is_done()
    {
        await using var server = await StartAsync(new LoadLimits { MaxSessionsPerOwner = 1 });
        var session = (await server.CreateSessionAsync()).SessionId;
        var gate = new TaskCompletionSource();
        server.Fake.ReleaseGate = gate.Task;

        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSessionAsync", $$"""{"sessionId":"{{session}}"}""");
        await RefusedAsync(server.Client);
        gate.SetResult();
        while ((await TestServer.SendAsync(server.Client, HttpMethod.Post, "/mcp/getSessionInfo", $$"""{"sessionId":"{{session}}"}""")).Envelope.Success)
        {
            await Task.Delay(5, Token);
        }

        await AcceptedAsync(server.Client);
    }

    [Fact]
    public async Task Sessions_that_were_there_before_the_server_count_and_those_that_end_by_themselves_do_not()
    {
        var time = new TestClock();
        await using var server = await StartAsync(new LoadLimits { MaxSessions = 2 }, time);
        var key = new ApiKeyFile(server.Data).Add("other", null, DateTimeOffset.UtcNow);
        using (var other = server.ClientOf(key.Secret))
        {
            await AcceptedAsync(server.Client);
            await AcceptedAsync(other);
        }
        // As a store on disk would.
        Directory.CreateDirectory(OwnerRegistry.DirectoryOf(server.Data, OwnerRegistry.FixedOwnerId));
        Directory.CreateDirectory(OwnerRegistry.DirectoryOf(server.Data, key.Key.OwnerId));
        await server.StopAsync();
        await server.StartAgainAsync();

        await RefusedAsync(server.Client);
        var ended = await server.Fakes[key.Key.OwnerId].ListSessionsAsync(cancellationToken: Token).SingleAsync(Token);
        await server.Fakes[key.Key.OwnerId].RemoveSessionAsync(ended, cancellationToken: Token);
        time.Advance(TimeSpan.FromSeconds(2));

        await AcceptedAsync(server.Client);
    }

    [Fact]
    public async Task A_store_that_can_not_be_read_keeps_no_other_owner_from_its_sessions()
    {
        await using var server = await TestServer.StartAsync(o => o with
        {
            Load = new LoadLimits { MaxSessions = 2 },
            OpenService = d => Path.GetFileName(d) == "default" ? o.OpenService!(d) : throw new AgbException(AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, "broken"),
        });
        Directory.CreateDirectory(OwnerRegistry.DirectoryOf(server.Data, new ApiKeyFile(server.Data).Add("other", null, DateTimeOffset.UtcNow).Key.OwnerId));

        await AcceptedAsync(server.Client);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(11)]
    public async Task A_host_that_has_nothing_left_says_so_and_when_to_come_again(int errno)
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.OnCreate = _ => throw new IOException("no more", errno);

        var (status, envelope, response) = await TestServer.SendAsync(server.Client, HttpMethod.Post, Create, "{}");

        status.ShouldBe(503);
        envelope.AgbError!.Id.ShouldBe(AgbErrorIds.HostExhausted);
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(1, 3, true)]
    [InlineData(2, 3, false)]
    [InlineData(1, 4, false)]
    public void A_sandbox_that_stands_ready_takes_the_place_of_a_session(int own, int all, bool hasRoom)
    {
        new LoadLimits { MaxSessionsPerOwner = 2, MaxSessions = 4 }.HasRoomFor(own, all).ShouldBe(hasRoom);
        new LoadLimits { MaxSessionsPerOwner = 0, MaxSessions = 0 }.HasRoomFor(own, all).ShouldBeTrue();
    }

    private static async Task AcceptedAsync(HttpClient client)
    {
        var (status, envelope, _) = await TestServer.SendAsync(client, HttpMethod.Post, Create, "{}");
        status.ShouldBe(200, envelope.Message);
    }

    private static async Task<Envelope> RefusedAsync(HttpClient client)
    {
        var (status, envelope, response) = await TestServer.SendAsync(client, HttpMethod.Post, Create, "{}");
        status.ShouldBe(429);
        envelope.Code.ShouldBe(AgbErrorIds.TooManySessions);
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        return envelope;
    }

    private static Task<TestServer> StartAsync(LoadLimits limits, TimeProvider? time = null) =>
        TestServer.StartAsync(o => o with { Load = limits, TimeProvider = time ?? o.TimeProvider });

    private static HttpClient OtherClient(TestServer server) => server.ClientOf(new ApiKeyFile(server.Data).Add("other", null, DateTimeOffset.UtcNow).Secret);
}
