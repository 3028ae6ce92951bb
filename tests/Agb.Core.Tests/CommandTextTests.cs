using System.Text;

namespace Agb.Core.Tests;

public sealed class CommandTextTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\nb\r\n", new[] { "a", "b" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("a\nb\r", new[] { "a", "b\r" })]
    [InlineData("a\n\n", new[] { "a", "" })]
    public void Lines_are_without_their_ends(string text, string[] lines)
    {
        TextLines.Split(text).ShouldBe(lines);
        var result = new AgbCommandResult { SessionId = "s", Command = "c" }.WithOutput(Encoding.UTF8.GetBytes(text), []);
        result.Lines.ShouldBe(lines);
    }

    [Fact]
    public void The_last_lines_say_that_there_were_others()
    {
        TextLines.Last("a\nb\nc\n", 2, 10).ShouldBe("...\nb\nc");
        TextLines.Last("a\nb\n\n", 2, 10).ShouldBe("a\nb");
        TextLines.Last("", 2, 10).ShouldBe("");
        TextLines.Last("abc😀d", 2, 4).ShouldBe("abc...");
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xc3 }, 1)]
    [InlineData(new byte[] { 0x61, 0xe2, 0x82 }, 1)]
    [InlineData(new byte[] { 0xf0, 0x9f, 0x98 }, 0)]
    [InlineData(new byte[] { 0x61, 0xc3, 0xa4 }, 3)]
    [InlineData(new byte[] { 0x61, 0xff }, 2)]
    [InlineData(new byte[] { 0x61, 0x82 }, 2)]
    [InlineData(new byte[] { 0xe2, 0x28 }, 2)]
    [InlineData(new byte[0], 0)]
    public void Half_a_character_at_the_edge_goes(byte[] bytes, int kept) => Utf8Edge.Before(bytes).Length.ShouldBe(kept);

    [Fact]
    public void Arguments_as_text_are_quoted()
    {
        ShellText.WithArguments("echo $1", []).ShouldBe("echo $1");
        ShellText.WithArguments("echo $1", ["it's", ""]).ShouldBe(@"set -- 'it'\''s' ''; echo $1");
    }

    [Theory]
    [InlineData("#!/bin/sh\r\necho\r\n", "#!/bin/sh\necho\n", true)]
    [InlineData("\ufeff#!/bin/sh\n", "#!/bin/sh\n", true)]
    [InlineData("a\rb\n", "a\rb\n", false)]
    [InlineData("\0\r\n", "\0\r\n", false)]
    public void Scripts_of_Windows_are_mended(string content, string expected, bool isMended)
    {
        var script = AgbScript.Read("s", Encoding.UTF8.GetBytes(content));
        Encoding.UTF8.GetString(script.Content.Span).ShouldBe(expected);
        script.IsMended.ShouldBe(isMended);
    }

    [Fact]
    public void What_is_no_script_is_refused()
    {
        Should.Throw<AgbException>(() => AgbScript.Read("s", [])).ErrorId.ShouldBe(AgbErrorIds.InvalidCommand);
        Should.Throw<AgbException>(() => AgbScript.Read("s", [0xff, 0xfe, 0x23, 0])).ErrorId.ShouldBe(AgbErrorIds.InvalidCommand);
    }
}
