using System.Threading.Channels;
using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Code by the tool <c>run_code</c>, in each form of its answers.</summary>
public sealed class CodeTests : PlainTest
{
    public CodeTests() => OnSession();

    [Fact]
    public async Task Code_is_sent_as_the_tool_takes_it()
    {
        OnTool("""{"result":[]}""");
        await Service.RunCodeAsync(new SessionId("s-1"), new AgbCodeRequest { Code = "1", Language = AgbCodeLanguage.Javascript, Timeout = TimeSpan.FromSeconds(1.2) }, Token);
        var sent = Fake.Of("/mcp").ShouldHaveSingleItem().Json;
        sent.GetProperty("name").GetString().ShouldBe("run_code");
        sent.GetProperty("args").GetString().ShouldBe("""{"code":"1","language":"javascript","timeout_s":2}""");
    }

    [Theory]
    [InlineData("""{"text/plain":"4","text/html":"<b>4</b>","isMainResult":true}""")]
    [InlineData("""{"text":"4","html":"<b>4</b>","is_main_result":true}""")]
    public async Task Results_by_MIME_type(string item)
    {
        foreach (var form in (string[])[item, Quote(item), Quote(Quote(item))])
        {
            OnTool($$"""{"result":[{{form}}],"stdout":["a\n","b\n"],"stderr":["e"],"executionError":null,"execution_count":7,"execution_time":1.5}""");
            var result = await RunAsync();
            (result.Stdout, result.Stderr, result.ExecutionCount, result.Duration, result.Success).ShouldBe(("a\nb\n", "e", 7, TimeSpan.FromSeconds(1.5), true));
            var shown = result.Results.ShouldHaveSingleItem();
            (shown.IsMainResult, shown.Text, shown.Mime["text/html"]).ShouldBe((true, "4", "<b>4</b>"));
            (result.SessionId, result.Language, result.Service == Service).ShouldBe(("s-1", AgbCodeLanguage.Python, true));
        }
    }

    [Fact]
    public async Task A_result_that_is_a_text_is_shown_as_one()
    {
        OnTool("""{"result":["four"]}""");
        (await RunAsync()).Results.ShouldHaveSingleItem().Text.ShouldBe("four");
    }

    [Theory]
    [InlineData("""{"result":[],"executionError":"division by zero"}""", "division by zero")]
    [InlineData("""{"executionError":"division by zero"}""", "division by zero")]
    [InlineData("""{"result":["\udc80"],"stdout":["\ud800"],"executionError":"half a character"}""", "half a character")]
    [InlineData("""{"logs":{"stdout":[],"stderr":[]},"results":[],"error":{"name":"E","value":"v","traceback":"tb"}}""", "tb")]
    [InlineData("""{"logs":{},"error":{"name":"E","value":"v"}}""", "E: v")]
    [InlineData("""{"isError":true,"content":[{"text":"went wrong"}]}""", "went wrong")]
    [InlineData("""{"content":[{"text":"{\"result\":[],\"executionError\":\"inner\"}"}]}""", "inner")]
    public async Task Code_that_failed_says_why(string text, string error)
    {
        OnTool(text);
        var result = await RunAsync();
        (result.Success, result.Error).ShouldBe((false, error));
    }

    [Fact]
    public async Task Logs_and_results_are_another_form()
    {
        OnTool("""{"logs":{"stdout":["o"],"stderr":["e"]},"results":[{"text":"4","is_main_result":true},{"png":"aGk="}],"execution_count":2,"execution_time":0.5}""");
        var result = await RunAsync();
        (result.Stdout, result.Stderr, result.ExecutionCount, result.Output).ShouldBe(("o", "e", 2, "oe4"));
        result.Results[1].Mime["image/png"].ShouldBe("aGk=");
    }

    [Theory]
    [InlineData("just text", "just text")]
    [InlineData("42", "42")]
    [InlineData("""{"content":[{"text":"inner"}]}""", "inner")]
    public async Task Anything_else_is_the_main_result(string text, string shown)
    {
        OnTool(text);
        (await RunAsync()).Results.ShouldHaveSingleItem().ShouldSatisfyAllConditions(r => r.Text.ShouldBe(shown), r => r.IsMainResult.ShouldBeTrue());
    }

    [Fact]
    public async Task A_tool_that_failed_with_a_text_has_an_error()
    {
        OnTool("NameError: x", isError: true);
        (await RunAsync()).Error.ShouldBe("NameError: x");
    }

    [Fact]
    public async Task An_empty_answer_is_an_error_of_the_service()
    {
        OnTool("");
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, RunAsync);
    }

    [Fact]
    public async Task Without_a_WebSocket_the_events_come_at_the_end()
    {
        OnTool("""{"result":[{"text/plain":"4"}],"stdout":["o"],"stderr":["e"]}""");
        var events = Channel.CreateUnbounded<AgbCodeEvent>();
        await Service.RunCodeAsync(new SessionId("s-1"), new AgbCodeRequest { Code = "x", Events = events.Writer }, Token);
        events.Writer.Complete();
        (await events.Reader.ReadAllAsync(Token).ToListAsync(Token)).Select(e => (e.Stream, e.Text, e.Result?.Text)).ShouldBe(
            [(AgbOutputStream.Stdout, "o", null), (AgbOutputStream.Stderr, "e", null), (null, null, "4")]);
    }

    private Task<AgbCodeResult> RunAsync() => Service.RunCodeAsync(new SessionId("s-1"), new AgbCodeRequest { Code = "x" }, Token);
}
