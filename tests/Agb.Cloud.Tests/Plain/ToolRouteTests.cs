using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>A tool is called by the session's link exactly when it has one, and the tool a server there.</summary>
public sealed class ToolRouteTests : PlainTest
{
    private const string Link = "/link/s-1/callTool";
    private const string Shell = """{"stdout":"by link","exit_code":0}""";

    [Theory]
    [InlineData("\"[{\\\"name\\\":\\\"shell\\\",\\\"server\\\":\\\"srv\\\"}]\"")]
    [InlineData("[{\"name\":\"shell\",\"server\":\"srv\"}]")]
    [InlineData("[{\"Name\":\"shell\",\"Server\":\"srv\"}]")]
    [InlineData("[{\"name\":\"shell\",\"serverName\":\"srv\"}]")]
    public async Task A_tool_with_a_server_goes_by_the_link(string tools)
    {
        OnLink(tools);
        OnLinkAnswer($$$"""{"result":{"isError":false,"content":[{"type":"text","text":{{{Quote(Shell)}}}}]}}""");
        (await RunAsync()).Stdout.ShouldBe("by link");
        var sent = Fake.Of(Link).ShouldHaveSingleItem();
        sent.Headers["X-Access-Token"].ShouldBe("tok");
        sent.Headers.ContainsKey("authorization").ShouldBeFalse();
        (sent.Json.GetProperty("tool").GetString(), sent.Json.GetProperty("server").GetString(), sent.Json.GetProperty("token").GetString()).ShouldBe(("shell", "srv", "tok"));
        sent.Json.GetProperty("args").GetProperty("command").GetString().ShouldBe("x");
        sent.Json.GetProperty("requestId").GetString()!.ShouldMatch("^link-[0-9]+-[0-9]{9}$");
        Fake.Of("/mcp").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[]", true, true)]
    [InlineData("\"\"", true, true)]
    [InlineData("\"no json\"", true, true)]
    [InlineData("[{\"name\":\"run_code\",\"server\":\"srv\"}]", true, true)]
    [InlineData("[{\"name\":\"shell\",\"server\":\"\"}]", true, true)]
    [InlineData("[{\"name\":\"shell\",\"server\":\"srv\"}]", false, true)]
    [InlineData("[{\"name\":\"shell\",\"server\":\"srv\"}]", true, false)]
    public async Task Any_other_tool_goes_by_the_API(string tools, bool hasLink, bool hasToken)
    {
        OnLink(tools, hasLink, hasToken);
        OnTool("""{"stdout":"by api","exit_code":0}""");
        (await RunAsync()).Stdout.ShouldBe("by api");
        Fake.Of(Link).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pascal_case_names_of_the_link_are_understood()
    {
        Fake.Ok("/mcp/getSession", """{"sessionId":"s-1","LinkUrl":"https://agb.example/link/s-1/","Token":"tok","ToolList":"[{\"name\":\"shell\",\"server\":\"srv\"}]"}""");
        OnLinkAnswer($$$"""{"result":{"content":[{"type":"text","text":{{{Quote(Shell)}}}}]}}""");
        (await RunAsync()).Stdout.ShouldBe("by link");
    }

    [Theory]
    [InlineData("{\"result\":{\"content\":[\"TEXT\"]}}")]
    [InlineData("{\"result\":{\"content\":[{\"text\":\"TEXT\"},{\"text\":\"more\"}]}}")]
    [InlineData("{\"result\":{\"content\":[{\"blob\":\"TEXT\"}]}}")]
    [InlineData("{\"result\":{\"content\":[{\"data\":\"TEXT\"}]}}")]
    public async Task The_first_item_is_the_answer_in_each_of_its_forms_as_object_and_as_string(string data)
    {
        OnLink("[{\"name\":\"shell\",\"server\":\"srv\"}]");
        OnLinkAnswer(data);
        (await RunAsync()).Stdout.ShouldBe("TEXT");
        OnLinkAnswer(Quote(data));
        (await RunAsync()).Stdout.ShouldBe("TEXT");
    }

    [Fact]
    public async Task By_the_API_all_texts_are_lines_of_the_answer()
    {
        OnSession();
        Fake.Ok("/mcp", """{"content":[{"type":"text","text":"a"},{"type":"image","data":"xx"},{"type":"text","text":"b"}]}""");
        (await RunAsync()).Stdout.ShouldBe("a\nb");
    }

    [Fact]
    public async Task An_error_of_the_link_is_not_tried_by_the_API()
    {
        OnLink("[{\"name\":\"shell\",\"server\":\"srv\"}]");
        Fake.On(Link, """{"message":"boom"}""", 500);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, RunAsync);
        error.Message.ShouldContain("boom");
        error.RequestId.ShouldNotBeNull().ShouldStartWith("link-");
        Fake.Of("/mcp").ShouldBeEmpty();
        Fake.Of(Link).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"data\":null}")]
    [InlineData("{\"data\":{}}")]
    [InlineData("{\"data\":\"no json\"}")]
    public async Task An_answer_of_the_link_without_a_result_is_an_error_of_the_service(string answer)
    {
        OnLink("[{\"name\":\"shell\",\"server\":\"srv\"}]");
        Fake.On(Link, answer);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, RunAsync);
    }

    [Fact]
    public async Task A_token_that_was_renewed_is_asked_for_once()
    {
        var tokens = new Queue<string>(["old", "new"]);
        Fake.On("/mcp/getSession", _ => FakeAgb.Json(FakeAgb.Envelope(
            $$"""{"sessionId":"s-1","linkUrl":"https://agb.example/link/s-1","token":"{{tokens.Dequeue()}}","toolList":[{"name":"shell","server":"srv"}]}""")));
        Fake.On(Link, s => s.Headers["X-Access-Token"] == "new"
            ? FakeAgb.Json($$$$"""{"data":{"result":{"content":[{"text":{{{{Quote(Shell)}}}}}]}}}""")
            : FakeAgb.Json("{}", 401));
        (await RunAsync()).Stdout.ShouldBe("by link");
        (await RunAsync()).Stdout.ShouldBe("by link");
        Fake.Of(Link).Select(s => s.Headers["X-Access-Token"]).ShouldBe(["old", "new", "new"]);
    }

    [Fact]
    public async Task A_token_that_stays_refused_is_an_error()
    {
        OnLink("[{\"name\":\"shell\",\"server\":\"srv\"}]");
        Fake.On(Link, "{}", 401);
        await FailsAsync<AgbServiceException>(AgbErrorIds.AuthenticationFailed, RunAsync);
        Fake.Of(Link).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_session_is_asked_for_its_link_once_and_not_at_all_when_this_client_created_it()
    {
        OnSession();
        OnTool("""{"exit_code":0}""");
        await RunAsync();
        await RunAsync();
        Fake.Of("/mcp/getSession").Count.ShouldBe(1);
        Fake.Ok("/mcp/createSession", """{"sessionId":"s-2"}""");
        var created = await Service.CreateSessionAsync(new AgbSessionRequest(), Token);
        await Service.RunCommandAsync(created, new AgbCommandRequest { Command = "x" }, Token);
        Fake.Of("/mcp/getSession").Count.ShouldBe(1);
    }

    private void OnLink(string tools, bool hasLink = true, bool hasToken = true) => OnSession(
        more: (hasLink ? ",\"linkUrl\":\"https://agb.example/link/s-1\"" : "") + (hasToken ? ",\"token\":\"tok\"" : "") + $",\"toolList\":{tools}");

    private void OnLinkAnswer(string data) => Fake.On(Link, $$"""{"data":{{data}}}""");

    private Task<AgbCommandResult> RunAsync() => Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "x" }, Token);
}
