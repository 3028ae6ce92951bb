using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

public sealed class AccessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    [InlineData(TestServer.Key + "x")]
    public async Task Without_a_key_that_it_knows_the_server_answers_nothing(string? key)
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.ClientOf(key);

        var (status, envelope, response) = await TestServer.SendAsync(client, HttpMethod.Get, "/sdk/ListContexts");

        status.ShouldBe(401);
        envelope.Code.ShouldBe(AgbErrorIds.AuthenticationFailed);
        response.Headers.GetValues("x-request-id").ShouldHaveSingleItem().ShouldBe(envelope.RequestId);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.ClientOf(null);

        (await client.GetStringAsync("/healthz", Token)).ShouldBe("ok");
    }

    [Fact]
    public async Task A_key_that_is_added_opens_and_one_that_is_removed_closes_at_once()
    {
        await using var server = await TestServer.StartAsync();
        var file = new ApiKeyFile(server.Data);
        var (secret, _) = file.Add("new", null, DateTimeOffset.UtcNow);
        using var client = server.ClientOf(secret);

        (await TestServer.SendAsync(client, HttpMethod.Get, "/sdk/ListContexts")).Status.ShouldBe(200);
        file.Remove("new");
        (await TestServer.SendAsync(client, HttpMethod.Get, "/sdk/ListContexts")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_sessions_token_opens_that_session_and_no_other()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.CreateSessionAsync();
        var second = await server.CreateSessionAsync();
        using var client = server.ClientOf(null);
        const string body = """{"args":{"text":"a"},"server":"s","requestId":"link-1-1","tool":"echo","token":"ignored"}""";

        (await TestServer.SendAsync(client, HttpMethod.Post, first.LinkUrl + "/callTool", body, first.Token)).Status.ShouldBe(200);
        (await TestServer.SendAsync(client, HttpMethod.Post, second.LinkUrl + "/callTool", body, first.Token)).Status.ShouldBe(401);
        (await TestServer.SendAsync(client, HttpMethod.Post, first.LinkUrl + "/callTool", body)).Status.ShouldBe(401);
        (await TestServer.SendAsync(client, HttpMethod.Post, "/link/no.such/callTool", body, first.Token)).Status.ShouldBe(401);
        (await TestServer.SendAsync(client, HttpMethod.Post, "/link/nonsense/callTool", body, first.Token)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Keys_tokens_and_signatures_are_in_no_log_line()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();
        using var client = server.ClientOf(null);
        await TestServer.SendAsync(client, HttpMethod.Post, session.LinkUrl + "/callTool", """{"tool":"echo"}""", session.Token);
        await TestServer.SendAsync(server.ClientOf("another-wrong-key"), HttpMethod.Get, "/sdk/ListContexts");
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!;
        var url = (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFileUploadUrl?contextId={context.Id}&filePath=/a")).DataAs(WireJson.Default.FileUrlData)!.Url!;
        (await client.PutAsync(url, new StringContent("x"), Token)).EnsureSuccessStatusCode();
        server.Fake.LinkTarget = new Uri("http://127.0.0.1:9/");
        var link = (await server.CallAsync(HttpMethod.Get, $"/internet/getLink?sessionId={session.SessionId}&port=30100")).DataAs(WireJson.Default.UrlData)!.Url!;
        await client.GetAsync(link, Token);
        await server.StopAsync();

        server.Log.Count.ShouldBeGreaterThan(5);
        var signature = url[(url.IndexOf("signature=", StringComparison.Ordinal) + 10)..];
        foreach (var secret in new[] { TestServer.Key, "another-wrong-key", session.Token!, signature, link.TrimEnd('/').Split('/')[^1] })
        {
            server.Log.Where(l => l.Contains(secret, StringComparison.Ordinal)).ShouldBeEmpty();
        }
    }
}
