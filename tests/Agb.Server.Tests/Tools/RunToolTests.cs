using System.Text.Json;
using Agb.Server;

namespace Agb.Server.Tests.Tools;

public sealed class RunToolTests(ToolFixture fixture) : ToolTest(fixture)
{
    [Fact]
    public async Task A_command_has_its_directory_and_variables()
    {
        var folder = await NewDirectoryAsync();
        await ShellAsync($"mkdir '{folder}/a b'");
        var envs = new Dictionary<string, string> { ["V"] = "a'b\";$c" };
        var answer = Json(await CallAsync("shell", new { command = "pwd; printf %s \"$V\"; echo e >&2", cwd = folder + "/a b", envs, timeout_ms = 10_000 }));
        answer.GetProperty("stdout").GetString().ShouldBe($"{folder}/a b\na'b\";$c");
        answer.GetProperty("stderr").GetString().ShouldBe("e\n");
        answer.GetProperty("exit_code").GetInt32().ShouldBe(0);
        answer.TryGetProperty("traceId", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_command_that_fails_has_its_exit_code_and_a_trace()
    {
        var answer = Json(await CallAsync("shell", new { command = "echo o; exit 3" }));
        (answer.GetProperty("exit_code").GetInt32(), answer.GetProperty("stdout").GetString()).ShouldBe((3, "o\n"));
        answer.GetProperty("traceId").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_command_over_its_time_is_killed()
    {
        var answer = Json(await CallAsync("shell", new { command = "echo begun; sleep 600", timeout_ms = 300 }));
        (answer.GetProperty("exit_code").GetInt32(), answer.GetProperty("stdout").GetString()).ShouldBe((124, "begun\n"));
        answer.GetProperty("stderr").GetString().ShouldNotBeNull().ShouldContain("timeout");
    }

    [Theory]
    [InlineData("shell", "{}", "'command' is missing")]
    [InlineData("shell", """{"command":5}""", "'command' is 5; expected a string")]
    [InlineData("shell", """{"command":""}""", "empty")]
    [InlineData("shell", """{"command":"true","timeout_ms":0}""", "'timeout_ms' is 0")]
    [InlineData("shell", """{"command":"true","timeout_ms":1e400}""", "'timeout_ms'")]
    [InlineData("shell", """{"command":"true","envs":{"a":1}}""", "'envs'")]
    [InlineData("shell", """{"command":"true","envs":{"a=b":"1"}}""", "a=b")]
    [InlineData("shell", """{"command":"true","cwd":"/no/such"}""", "/no/such")]
    [InlineData("shell", "[]", "'command' is missing")]
    [InlineData("shell", """{"\ud800 half a character":1}""", "half a surrogate pair")]
    [InlineData("shell", """{"command":"true","envs":{"\ud800 half a character":"1"}}""", "half a surrogate pair")]
    [InlineData("read_file", """{"path":""}""", "'path' is empty")]
    [InlineData("read_file", """{"path":"/tmp"}""", "is a directory")]
    [InlineData("read_file", """{"path":"/tmp/x\u0000"}""", "NUL")]
    [InlineData("read_file", """{"path":"/no","format":"hex"}""", "'format'")]
    [InlineData("read_file", """{"path":"/no","offset":-1}""", "'offset'")]
    [InlineData("write_file", """{"path":"/tmp/x","content":"","mode":"replace"}""", "'mode'")]
    [InlineData("write_file", """{"path":"/no/such/x","content":""}""", "/no/such/x")]
    [InlineData("edit_file", """{"path":"/tmp/x","edits":[]}""", "'edits'")]
    [InlineData("edit_file", """{"path":"/tmp/x","edits":[{"oldText":""}]}""", "oldText is empty")]
    [InlineData("edit_file", """{"path":"/tmp/x","edits":[5]}""", "'oldText' is missing")]
    [InlineData("search_files", """{"path":"/tmp","pattern":"*","excludePatterns":"x"}""", "'excludePatterns'")]
    [InlineData("run_code", """{"code":"1","language":"ruby"}""", "'ruby'")]
    [InlineData("run_code", """{"code":"","language":"python"}""", "empty")]
    public async Task Bad_arguments_are_named(string tool, string arguments, string expected)
    {
        var result = await AskAsync(tool, arguments);
        result.IsError.ShouldBeTrue(result.Text);
        result.Text.ShouldContain(expected);
    }

    [Fact]
    public async Task Code_answers_in_the_first_format()
    {
        var answer = Json(await CallAsync("run_code", new { code = "print('out')\n[1]", language = "python3", timeout_s = 30 }));
        answer.GetProperty("stdout")[0].GetString().ShouldBe("out\n");
        answer.GetProperty("stderr").GetArrayLength().ShouldBe(0);
        answer.GetProperty("executionError").ValueKind.ShouldBe(JsonValueKind.Null);
        var item = answer.GetProperty("result")[0];
        (item.GetProperty("text/plain").GetString(), item.GetProperty("isMainResult").GetBoolean()).ShouldBe(("[1]", true));
        item.GetProperty("application/json")[0].GetInt32().ShouldBe(1);
        answer.GetProperty("execution_count").GetInt32().ShouldBeGreaterThan(0);
        answer.GetProperty("execution_time").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Code_that_fails_answers_with_an_empty_result()
    {
        var answer = Json(await CallAsync("run_code", new { code = "1 / 0", language = "python" }));
        answer.GetProperty("result").GetArrayLength().ShouldBe(0);
        answer.GetProperty("executionError").GetString().ShouldNotBeNull().ShouldContain("division by zero");
    }

    [Fact]
    public async Task Metrics_are_plausible()
    {
        var answer = Json(await CallAsync("get_metrics", new { }));
        answer.GetProperty("cpu_count").GetInt32().ShouldBe(Environment.ProcessorCount);
        answer.GetProperty("cpu_used_pct").GetDouble().ShouldBeInRange(0, 100);
        answer.GetProperty("mem_used").GetInt64().ShouldBeInRange(1, answer.GetProperty("mem_total").GetInt64());
        answer.GetProperty("disk_total").GetInt64().ShouldBeGreaterThan(0);
        answer.GetProperty("timestamp").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Every_tool_has_a_schema_that_is_json()
    {
        var tools = StandardTools.Create().Tools;
        tools.Select(t => t.Name).ShouldBe(tools.Select(t => t.Name).Order(StringComparer.Ordinal));
        foreach (var tool in tools)
        {
            Json(tool.InputSchema).GetProperty("type").GetString().ShouldBe("object", tool.Name);
            tool.Description.ShouldNotBeEmpty();
        }
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
