using System.Text.Json;
using Agb.Protocol;
using Agb.Protocol.Json;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Errors by the link route, whose official clients read nothing but the result of an answer with a status of 2xx.</summary>
public sealed class LinkErrorTests
{
    [Fact]
    public async Task The_error_of_a_call_is_told_word_for_word_on_both_routes()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSession", $$"""{"sessionId":"{{session.SessionId}}"}""");

        var api = await server.RefusesAsync(
            HttpMethod.Post, "/mcp", $$"""{"sessionId":"{{session.SessionId}}","name":"echo","args":"{}"}""", AgbErrorIds.SessionNotFound);
        var (text, envelope) = await FailAsync(server, session, """{"tool":"echo","args":{}}""");

        text.ShouldBe(api.Message);
        text.ShouldContain(session.SessionId!);
        (envelope.Success, envelope.Code, envelope.HttpStatusCode).ShouldBe((false, api.Code, api.HttpStatusCode));
        envelope.AgbError!.Id.ShouldBe(AgbErrorIds.SessionNotFound);
    }

    [Theory]
    [InlineData("""{"args":{}}""", "tool")]
    [InlineData("""{"tool":"echo","args":3}""", "args")]
    [InlineData("""{"tool":""", "request body")]
    [InlineData("""{"tool":"no_such_tool"}""", "There is no tool 'no_such_tool'")]
    [InlineData("""{"tool":"click_mouse"}""", "screen")]
    public async Task Whatever_is_wrong_with_a_call_its_user_reads_it(string body, string told)
    {
        await using var server = await TestServer.StartAsync();

        (await FailAsync(server, await server.CreateSessionAsync(), body)).Text.ShouldContain(told);
    }

    [Fact]
    public async Task An_error_that_nobody_thought_of_is_told_as_such()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.OnCommand = (_, _) => throw new InvalidOperationException("secret");
        var session = await server.CreateSessionAsync();

        var (text, envelope) = await FailAsync(server, session, """{"tool":"command","args":{"command":"true"}}""");

        text.ShouldContain("nobody expected");
        text.ShouldNotContain("secret");
        envelope.HttpStatusCode.ShouldBe(500);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_told_too()
    {
        await using var server = await TestServer.StartAsync(o => o with { MaxRequestBytes = 1000 });
        var body = JsonSerializer.Serialize(new { tool = "echo", args = new { text = new string('x', 2000) } });

        (await FailAsync(server, await server.CreateSessionAsync(), body)).Text.ShouldContain("larger");
    }

    [Fact]
    public async Task A_link_without_a_port_is_one_to_the_first_that_may_be_linked_to()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.LinkTarget = new Uri("http://127.0.0.1:1/");
        var session = await server.CreateSessionAsync();

        var bare = await LinkAsync("");
        bare.ShouldBe(await LinkAsync("&port=30100"));
        bare.ShouldStartWith("http://");
        (await LinkAsync("&protocolType=wss")).ShouldStartWith("ws://");
        (await server.RefusesAsync(HttpMethod.Get, "/internet/getLink?sessionId=s-none", null, AgbErrorIds.SessionNotFound)).Message.ShouldContain("s-none");

        async Task<string> LinkAsync(string more) =>
            (await server.CallAsync(HttpMethod.Get, $"/internet/getLink?sessionId={session.SessionId}{more}")).DataAs(WireJson.Default.UrlData)!.Url!;
    }

    [Fact]
    public async Task The_log_names_tool_session_requests_and_time()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();
        await TestServer.SendAsync(
            server.ClientOf(null), HttpMethod.Post, session.LinkUrl + "/callTool", """{"tool":"echo","args":{},"requestId":"link-1-000000001"}""", session.Token);
        var failed = await FailAsync(server, session, """{"tool":"no such\ntool","args":{},"requestId":"two\nlines"}""");

        var line = server.Log.Single(l => l.Contains("link-1-000000001", StringComparison.Ordinal));
        line.ShouldContain($"session {session.SessionId}, tool echo done");
        line.ShouldMatch(@" 200 \d+(\.\d+)? ms");
        var other = server.Log.Single(l => l.Contains(failed.Envelope.RequestId, StringComparison.Ordinal));
        other.ShouldContain("tool (unknown) failed");
        other.ShouldContain("client request (no id)");
        server.Log.Single(l => l.Contains("/mcp/createSession", StringComparison.Ordinal)).ShouldContain($"session {session.SessionId}");
    }

    /// <summary>Makes a call that fails, as the official clients do.</summary>
    private static async Task<(string Text, Envelope Envelope)> FailAsync(TestServer server, SessionData session, string body)
    {
        var (status, envelope, _) = await TestServer.SendAsync(server.ClientOf(null), HttpMethod.Post, session.LinkUrl + "/callTool", body, session.Token);
        status.ShouldBe(200);
        var result = envelope.DataAs(WireJson.Default.LinkCallReply)!.Result!;
        result.IsError.ShouldBeTrue();
        return (result.Content!.ShouldHaveSingleItem().Text!, envelope);
    }
}
