using System.Net;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agb.Server.Tests;

/// <summary>Guessing of keys, tokens and signatures.</summary>
public sealed class FailedAttemptTests
{
    private readonly TestClock _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beyond_the_limit_no_new_key_is_looked_at_until_the_minute_is_over()
    {
        await using var server = await StartAsync();
        var keys = new ApiKeyFile(server.Data);
        using var late = server.ClientOf(keys.Add("late", null, DateTimeOffset.UtcNow).Secret);
        await FailAsync(server, 3);

        var (status, envelope, response) = await AskAsync(server.ClientOf("wrong-4"));
        status.ShouldBe(429);
        envelope.Code.ShouldBe(AgbErrorIds.TooManyRequests);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(1));
        (await AskAsync(late)).Status.ShouldBe(429);
        // Nothing is looked up: a key file that can't be read would be an error.
        var kept = await File.ReadAllBytesAsync(keys.Path, Token);
        await File.WriteAllTextAsync(keys.Path, "{", Token);
        (await AskAsync(late)).Status.ShouldBe(429);
        await File.WriteAllBytesAsync(keys.Path, kept, Token);
        _time.Advance(TimeSpan.FromSeconds(59));
        (await AskAsync(late)).Response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        (await AskAsync(late)).Status.ShouldBe(200);
        await FailAsync(server, 3);
        (await AskAsync(server.ClientOf("wrong-4"))).Status.ShouldBe(429);
    }

    [Fact]
    public async Task A_key_that_was_good_from_there_goes_on_being_good()
    {
        await using var server = await StartAsync();
        (await AskAsync(server.Client)).Status.ShouldBe(200);
        await FailAsync(server, 3);

        (await AskAsync(server.ClientOf("wrong"))).Status.ShouldBe(429);
        (await AskAsync(server.Client)).Status.ShouldBe(200);
        // Known or not, whether a key opens is for the key file to say.
        var keys = new ApiKeyFile(server.Data);
        _time.Advance(TimeSpan.FromMinutes(1));
        using var removed = server.ClientOf(keys.Add("removed", null, DateTimeOffset.UtcNow).Secret);
        (await AskAsync(removed)).Status.ShouldBe(200);
        keys.Remove("removed");
        (await AskAsync(removed)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Tokens_and_signatures_count_and_right_ones_always_open()
    {
        await using var server = await StartAsync();
        var session = await server.CreateSessionAsync();
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!;
        var upload = (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFileUploadUrl?contextId={context.Id}&filePath=/a")).DataAs(WireJson.Default.FileUrlData)!.Url!;
        server.Fake.LinkTarget = new Uri("http://127.0.0.1:1/");
        var link = (await server.CallAsync(HttpMethod.Get, $"/internet/getLink?sessionId={session.SessionId}&port=30100")).DataAs(WireJson.Default.UrlData)!.Url!;
        using var client = server.ClientOf(null);
        async Task<int> CallAsync(string token) => (await TestServer.SendAsync(client, HttpMethod.Post, session.LinkUrl + "/callTool", """{"tool":"echo"}""", token)).Status;
        async Task<int> PutAsync(string url) => (int)(await client.PutAsync(url, new StringContent("x"), Token)).StatusCode;
        async Task<int> GetAsync(string url) => (int)(await client.GetAsync(url, Token)).StatusCode;

        (await CallAsync("wrong")).ShouldBe(401);
        (await PutAsync(upload + "x")).ShouldBe(401);
        (await GetAsync(link.TrimEnd('/') + "x/")).ShouldBe(401);

        (await CallAsync("wrong")).ShouldBe(429);
        (await PutAsync(upload + "x")).ShouldBe(429);
        (await GetAsync(link.TrimEnd('/') + "x/")).ShouldBe(429);
        (await CallAsync(session.Token!)).ShouldBe(200);
        (await PutAsync(upload)).ShouldBe(200);
        // Right, and nothing answers behind it.
        (await GetAsync(link)).ShouldBe(502);
    }

    [Fact]
    public async Task Who_sends_no_key_guesses_none()
    {
        await using var server = await StartAsync();
        using var nobody = server.ClientOf(null);
        for (var i = 0; i < 10; i++)
        {
            (await AskAsync(nobody)).Status.ShouldBe(401);
        }
        (await AskAsync(server.Client)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_log_has_one_warning_for_an_address_and_minute()
    {
        await using var server = await StartAsync();
        for (var minute = 1; minute <= 2; minute++)
        {
            for (var i = 0; i < 20; i++)
            {
                await AskAsync(server.ClientOf("wrong"));
            }
            server.Log.Where(l => l.StartsWith("Warning", StringComparison.Ordinal)).ToArray()
                .ShouldSatisfyAllConditions(l => l.Length.ShouldBe(minute), l => l.ShouldAllBe(w => w.Contains("127.0.0.1") && !w.Contains("wrong")));
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Zero_is_no_limit()
    {
        await using var server = await TestServer.StartAsync(o => o with { FailedAttemptsPerMinute = 0 });
        await FailAsync(server, 50);
        (await AskAsync(server.Client)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("fe80::1%3", "fe80::")]
    public void An_IPv6_network_is_one_address(string address, string group) => FailedAttempts.Group(IPAddress.Parse(address)).ShouldBe(IPAddress.Parse(group));

    [Fact]
    public void However_many_addresses_fail_the_memory_of_them_is_bounded_and_those_in_use_are_kept()
    {
        var options = new ServerOptions { DataDirectory = "/none", Listen = [], TimeProvider = _time, FailedAttemptsPerMinute = 1 };
        var attempts = new FailedAttempts(options, NullLogger<FailedAttempts>.Instance);
        var refusal = new AgbException(AgbErrorIds.AuthenticationFailed, AgbErrorKind.PermissionDenied, "no");
        var (known, unknown) = (ApiKey.HashOf("known"), ApiKey.HashOf("unknown"));
        var busy = From("192.0.2.1");
        for (var network = 0; network < 3 * FailedAttempts.MostAddresses; network++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            attempts.Failed(From($"2001:db8:{network >> 16:x}:{network & 0xFFFF:x}::1"), refusal).ShouldBeSameAs(refusal);
            if (network % 100 == 0)
            {
                attempts.Succeeded(busy, known);
            }
        }

        attempts.Addresses.ShouldBeLessThanOrEqualTo(FailedAttempts.MostAddresses);
        attempts.Failed(busy, refusal).ShouldBeSameAs(refusal);
        attempts.Require(busy, known);
        Should.Throw<AgbException>(() => attempts.Require(busy, unknown)).ErrorId.ShouldBe(AgbErrorIds.TooManyRequests);

        static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
    }

    private static async Task FailAsync(TestServer server, int times)
    {
        for (var i = 0; i < times; i++)
        {
            (await AskAsync(server.ClientOf($"wrong-{i}"))).Status.ShouldBe(401);
        }
    }

    private static Task<(int Status, Envelope Envelope, HttpResponseMessage Response)> AskAsync(HttpClient client) =>
        TestServer.SendAsync(client, HttpMethod.Get, "/sdk/ListContexts");

    private Task<TestServer> StartAsync() => TestServer.StartAsync(o => o with { FailedAttemptsPerMinute = 3, TimeProvider = _time });
}
