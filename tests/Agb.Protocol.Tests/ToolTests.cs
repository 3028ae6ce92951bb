using System.Text.Json;
using Agb.Protocol;

namespace Agb.Protocol.Tests;

public sealed class ToolTests
{
    [Fact]
    public void A_tool_list_is_written_as_clients_read_it() =>
        ToolListJson.Write([new ToolReference { Name = "run_code", Server = "wuying_codespace" }])
            .ShouldBe("""[{"name":"run_code","server":"wuying_codespace"}]""");

    [Theory]
    [InlineData("""[{"name":"a","server":"s"},{"Name":"b","serverName":"s"},{"name":"c","Server":"s"},{"name":"d"},7]""")]
    public void Servers_are_read_in_every_spelling(string list) =>
        ToolListJson.ReadServers(list).OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Value}").ShouldBe(["a=s", "b=s", "c=s"]);

    [Theory]
    [InlineData(null)]
    [InlineData("no json")]
    [InlineData("{}")]
    public void What_is_no_list_has_no_servers(string? list) => ToolListJson.ReadServers(list).ShouldBeEmpty();

    [Fact]
    public void Code_answers_have_a_result_array_also_on_failure()
    {
        var json = CodeToolResult.From(new AgbCodeResult { SessionId = "s", Error = "ZeroDivisionError: division by zero", Duration = TimeSpan.FromMilliseconds(500) }).ToJson();

        json.ShouldBe("""{"result":[],"stdout":[],"stderr":[],"executionError":"ZeroDivisionError: division by zero","execution_count":0,"execution_time":0.5}""");
    }

    [Fact]
    public void Code_answers_survive_the_way_there_and_back()
    {
        var result = new AgbCodeResult
        {
            SessionId = "s", Stdout = "a\nb\n", Stderr = "e", ExecutionCount = 2,
            Results = [new AgbCodeOutput { IsMainResult = true, Mime = new Dictionary<string, string> { ["text/plain"] = "7", ["image/png"] = "aGk=" } }],
        };

        var read = WireReader.Read(CodeToolResult.From(result).ToJson(), WireJson.Default.CodeToolResult, "answer").ToResult("s", AgbCodeLanguage.Python, null);

        read.Output.ShouldBe("a\nb\ne7");
        read.Success.ShouldBeTrue();
        read.Results[0].Mime.ShouldBe(result.Results[0].Mime, ignoreOrder: true);
    }

    [Fact]
    public void A_form_that_is_JSON_travels_as_JSON_and_what_only_says_so_as_text()
    {
        var forms = new Dictionary<string, string> { ["application/json"] = "[1, {\"a\":null}]", ["application/vnd.vegalite.v5+json"] = "{broken", ["text/plain"] = "[1]" };

        var item = CodeToolResult.Item(new AgbCodeOutput { Mime = forms });

        item["application/json"].ValueKind.ShouldBe(JsonValueKind.Array);
        item["application/vnd.vegalite.v5+json"].GetString().ShouldBe("{broken");
        item["text/plain"].GetString().ShouldBe("[1]");
        CodeToolResult.Output(item).Mime.ShouldBe(forms, ignoreOrder: true);
    }

    [Fact]
    public void A_shells_answer_has_its_names() =>
        JsonSerializer.Serialize(new ShellResult { Stdout = "o", Stderr = "", ExitCode = 0 }, WireJson.Default.ShellResult)
            .ShouldBe("""{"stdout":"o","stderr":"","exit_code":0}""");

    [Fact]
    public void A_call_by_WebSocket_is_read()
    {
        var frame = WireReader.Read(
            """{"invocationId":"0f","source":"SDK","target":"wuying_codespace","data":{"method":"run_code","mode":"stream","params":{"language":"python","timeoutS":60,"code":"1"}}}""",
            WireJson.Default.CodeFrame, "frame");

        frame.InvocationId.ShouldBe("0f");
        frame.Data!.Params!.ShouldBe(new CodeFrameParameters { Language = "python", TimeoutS = 60, Code = "1" });
    }

    [Fact]
    public void An_event_by_WebSocket_has_no_other_members() =>
        JsonSerializer.Serialize(
            new CodeFrame { InvocationId = "0f", Source = CodeFrame.ServerSource, Data = new CodeFrameData { Phase = CodePhase.Event, EventType = "stdout", Chunk = "hello " } },
            WireJson.Default.CodeFrame)
            .ShouldBe("""{"invocationId":"0f","source":"WEBSOCKET_SERVER","data":{"phase":"event","eventType":"stdout","chunk":"hello "}}""");

    [Theory]
    [InlineData("Python3", AgbCodeLanguage.Python)]
    [InlineData("nodejs", AgbCodeLanguage.Javascript)]
    [InlineData("R", AgbCodeLanguage.R)]
    [InlineData(null, AgbCodeLanguage.Python)]
    public void Languages_have_their_usual_names(string? word, AgbCodeLanguage language) => CodeLanguages.To(word).ShouldBe(language);

    [Fact]
    public void An_unknown_language_is_a_typed_error() =>
        Should.Throw<AgbException>(() => CodeLanguages.To("cobol")).ErrorId.ShouldBe(AgbErrorIds.InvalidCode);
}
