using System.Text.Json;
using Agb.Protocol;
using Agb.Server.Tests.Support;
using Agb.Server;

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
    [InlineData("read_file", """{"path":"/no/such"}""", "/no/such: no such file.")]
    [InlineData("list_directory", """{"path":"/etc/hostname"}""", "/etc/hostname")]
    [InlineData("read_file", """{"path":7}""", "'path'")]
    [InlineData("shell", "{}", "'command'")]
    [InlineData("run_code", """{"code":"1","language":"cobol"}""", "The language 'cobol' is not known")]
    [InlineData("no_such_tool", "{}", "There is no tool 'no_such_tool'")]
    [InlineData("click_mouse", "{}", "desktops in sessions")]
    public async Task The_error_of_a_tool_is_told_word_for_word_on_both_routes(string tool, string arguments, string told)
    {
        await using var server = await TestServer.StartAsync(o => o with { ConfigureServices = null });
        var session = await server.CreateSessionAsync();

        var api = await server.CallToolAsync(session.SessionId!, tool, arguments);
        var (text, envelope) = await FailAsync(server, session, $$"""{"tool":"{{tool}}","args":{{arguments}}}""");

        api.IsError.ShouldBeTrue();
        text.ShouldContain(told);
        text.ShouldBe(api.Content!.ShouldHaveSingleItem().Text);
        // A tool that fails is a call that succeeds.
        envelope.Success.ShouldBeTrue();
    }

    [Fact]
    public async Task The_error_of_the_service_keeps_its_text_and_advice_on_both_routes_without_what_its_user_does_not_know()
    {
        await using var server = await TestServer.StartAsync(o => o with { ConfigureServices = null });
        var session = await server.CreateSessionAsync();
        server.Fake.OnCommand = (_, _) => throw new AgbException(
            AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted, $"The disk of {server.Data}/owners is full.", "Free some space.") { Advice = AgbAdvice.CheckHost };

        var api = await server.CallToolAsync(session.SessionId!, "shell", """{"command":"true"}""");
        var (text, _) = await FailAsync(server, session, """{"tool":"shell","args":{"command":"true"}}""");

        text.ShouldStartWith("The disk of DATA/owners is full.");
        text.ShouldNotContain(server.Data);
        text.ShouldContain("Free some space. Check this host.");
        text.ShouldBe(api.Content!.ShouldHaveSingleItem().Text);
    }

    [Theory]
    [InlineData("""{"args":{}}""", "tool")]
    [InlineData("""{"tool":"echo","args":3}""", "args")]
    [InlineData("""{"tool":""", "request body")]
    [InlineData("""{"tool":"no_such_tool"}""", "There is no tool 'no_such_tool'")]
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

        text.ShouldContain("failed unexpectedly");
        text.ShouldNotContain("secret");
        envelope.HttpStatusCode.ShouldBe(500);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_told_too()
    {
        await using var server = await TestServer.StartAsync(o => o with { MaxRequestBytes = 1000 });
        var body = JsonSerializer.Serialize(new { tool = "echo", args = new { text = new string('x', 2000) } });

        (await FailAsync(server, await server.CreateSessionAsync(), body)).Text.ShouldContain("too large");
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
