using System.Threading.Channels;
using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Plain;

/// <summary>Commands by the tool <c>shell</c>.</summary>
public sealed class CommandTests : PlainTest
{
    public CommandTests() => OnSession();

    [Fact]
    public async Task A_command_is_sent_with_all_that_the_tool_takes()
    {
        OnTool("""{"stdout":"out","stderr":"err","exit_code":3,"traceId":"t"}""");
        var result = await Service.RunCommandAsync(
            new SessionId("s-1"),
            new AgbCommandRequest
            {
                Command = "echo \"ä\"", Timeout = TimeSpan.FromSeconds(1.5), WorkingDirectory = "/home/a b/",
                Environment = new Dictionary<string, string> { ["A"] = "x;'$y" },
            },
            Token);

        (result.ExitCode, result.Stdout, result.Stderr, result.Success, result.TimedOut).ShouldBe((3, "out", "err", false, false));
        (result.SessionId, result.Command).ShouldBe(("s-1", "echo \"ä\""));
        result.Service.ShouldBeSameAs(Service);
        var sent = Fake.Of("/mcp").ShouldHaveSingleItem();
        sent.Query["autoGenSession"].ShouldBe("false");
        (sent.Json.GetProperty("sessionId").GetString(), sent.Json.GetProperty("name").GetString()).ShouldBe(("s-1", "shell"));
        var arguments = System.Text.Json.JsonDocument.Parse(sent.Json.GetProperty("args").GetString()!).RootElement;
        arguments.GetProperty("command").GetString().ShouldBe("echo \"ä\"");
        arguments.GetProperty("timeout_ms").GetInt64().ShouldBe(1500);
        arguments.GetProperty("cwd").GetString().ShouldBe("/home/a b");
        arguments.GetProperty("envs").GetProperty("A").GetString().ShouldBe("x;'$y");
    }

    [Theory]
    [InlineData("""{"stdout":"o","stderr":"e","exit_code":0}""", false, 0, "o", "e")]
    [InlineData("""{"stdout":"o","stderr":"e","exit_code":2}""", true, 2, "o", "e")]
    [InlineData("""{"stdout":"o","exit_code":2}""", false, 2, "o", "")]
    [InlineData("""{"stderr":"e","exit_code":null,"errorCode":127}""", true, 127, "", "e")]
    [InlineData("""{"stderr":"e"}""", true, 1, "", "e")]
    [InlineData("""{}""", false, 0, "", "")]
    [InlineData("plain output", false, 0, "plain output", "")]
    [InlineData("""{"stdout":"a\udc80b","stderr":"","exit_code":0}""", false, 0, "a\ufffdb", "")]
    [InlineData("42", false, 0, "42", "")]
    [InlineData("", false, 0, "", "")]
    public async Task The_exit_code_alone_says_whether_it_succeeded(string text, bool isError, int code, string stdout, string stderr)
    {
        OnTool(text, isError);
        var result = await RunAsync();
        (result.ExitCode, result.Stdout, result.Stderr).ShouldBe((code, stdout, stderr));
    }

    [Fact]
    public async Task Half_a_character_around_the_answer_does_not_hide_the_exit_code()
    {
        Fake.Ok("/mcp", """{"isError":false,"content":[{"type":"text","text":"{\"stdout\":\"\ud800\",\"exit_code\":4}"}]}""");
        var result = await RunAsync();
        (result.ExitCode, result.Stdout).ShouldBe((4, "\ufffd"));
    }

    [Fact]
    public async Task A_tool_that_fails_without_a_command_is_an_error_of_the_service()
    {
        OnTool("sandbox is asleep", isError: true);
        var error = await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, RunAsync);
        error.Message.ShouldContain("sandbox is asleep");
        error.RequestId.ShouldBe("r-1");
    }

    [Fact]
    public async Task A_failed_tool_with_its_reason_in_the_envelope_says_it()
    {
        Fake.On("/mcp", """{"requestId":"r","success":false,"code":"X","message":"the reason","data":{"isError":true,"content":[]}}""");
        (await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, RunAsync)).Message.ShouldContain("the reason");
    }

    [Theory]
    [InlineData("""{"stdout":"some","exit_code":137}""", false)]
    [InlineData("Command execution timeout", true)]
    public async Task A_command_that_ran_over_its_time_says_so(string text, bool isError)
    {
        Fake.On("/mcp", _ =>
        {
            Time.Advance(TimeSpan.FromSeconds(5));
            return FakeAgb.Json(FakeAgb.Envelope($$"""{"isError":{{(isError ? "true" : "false")}},"content":[{"type":"text","text":{{Quote(text)}}}]}"""));
        });
        var result = await Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "sleep 9", Timeout = TimeSpan.FromSeconds(5) }, Token);
        (result.TimedOut, result.Success, result.ExitCode).ShouldBe((true, false, 137));
        result.Duration.ShouldBe(TimeSpan.FromSeconds(5));
        result.Output.ShouldContain(isError ? text : "some");
    }

    [Fact]
    public async Task Output_is_kept_up_to_the_limit_and_lines_are_all_of_it()
    {
        OnTool("""{"stdout":"ab\r\ncd\n\nlast","stderr":"e1\n","exit_code":0}""");
        var lines = Channel.CreateUnbounded<AgbCommandOutput>();
        var result = await Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "x", MaxOutputBytes = 3, Lines = lines.Writer }, Token);
        (result.Stdout, result.StdoutTruncated, result.Stderr, result.StderrTruncated).ShouldBe(("ab\r", true, "e1\n", false));
        lines.Writer.TryComplete().ShouldBeTrue("the service does not complete it");
        (await lines.Reader.ReadAllAsync(Token).ToListAsync(Token)).Select(l => (l.Stream, l.Number, l.Text, l.IsPartial)).ShouldBe(
        [
            (AgbOutputStream.Stdout, 1, "ab", false), (AgbOutputStream.Stdout, 2, "cd", false), (AgbOutputStream.Stdout, 3, "", false),
            (AgbOutputStream.Stdout, 4, "last", false), (AgbOutputStream.Stderr, 1, "e1", false),
        ]);
    }

    [Fact]
    public async Task A_line_that_is_too_long_comes_in_pieces_and_no_character_is_cut()
    {
        var text = new string('x', AgbCommandOutput.MaxTextLength - 1) + "😀y";
        OnTool($$"""{"stdout":{{Quote(text)}},"exit_code":0}""");
        var lines = Channel.CreateUnbounded<AgbCommandOutput>();
        await Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "x", Lines = lines.Writer }, Token);
        lines.Writer.Complete();
        var pieces = await lines.Reader.ReadAllAsync(Token).ToListAsync(Token);
        pieces.Select(p => (p.Number, p.Text.Length, p.IsPartial)).ShouldBe([(1, AgbCommandOutput.MaxTextLength - 1, true), (1, 3, false)]);
        string.Concat(pieces.Select(p => p.Text)).ShouldBe(text);
    }

    [Fact]
    public async Task A_reader_that_has_enough_does_not_hold_the_command_up()
    {
        OnTool("""{"stdout":"1\n2\n3\n","exit_code":0}""");
        var lines = Channel.CreateBounded<AgbCommandOutput>(1);
        lines.Writer.Complete();
        (await Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "x", Lines = lines.Writer }, Token)).Success.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    public async Task An_answer_that_is_none_is_an_error_of_the_service(string data)
    {
        Fake.Ok("/mcp", data);
        await FailsAsync<AgbServiceException>(AgbErrorIds.ServiceRefused, RunAsync);
    }

    private Task<AgbCommandResult> RunAsync() => Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "x" }, Token);
}
