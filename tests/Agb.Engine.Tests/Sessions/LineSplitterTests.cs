using System.Text;

namespace Agb.Engine.Tests.Sessions;

public sealed class LineSplitterTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n", "|")]
    [InlineData("a", "a|")]
    [InlineData("a\n", "a|")]
    [InlineData("a\r\nb\r\n", "a|b|")]
    [InlineData("a\rb\n", "a\rb|")]
    [InlineData("a\r\r\n", "a\r|")]
    [InlineData("a\r", "a\r|")]
    [InlineData("äö€😀\n😀", "äö€😀|😀|")]
    public void Lines_are_the_same_however_the_bytes_come(string text, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var piece = 1; piece <= Math.Max(1, bytes.Length); piece++)
        {
            string.Concat(Split(bytes, piece).Select(l => l.Text + "|")).ShouldBe(expected, $"in pieces of {piece}");
        }
    }

    [Fact]
    public void Pieces_of_a_long_line_cut_no_character_and_no_line_end()
    {
        foreach (var shift in new[] { 0, 1 })
        {
            var line = new string('x', shift) + string.Concat(Enumerable.Repeat("😀", AgbCommandOutput.MaxTextLength));
            var pieces = Split(Encoding.UTF8.GetBytes(line + "\n"), 1000);
            string.Concat(pieces.Select(p => p.Text)).ShouldBe(line);
            pieces.ShouldAllBe(p => !char.IsHighSurrogate(p.Text.Last()) && p.Text.Length <= AgbCommandOutput.MaxTextLength);
            pieces.Count(p => p.IsPartial).ShouldBe(pieces.Count - 1);
            pieces[^1].IsPartial.ShouldBeFalse();
        }
        var full = new string('x', AgbCommandOutput.MaxTextLength - 1);
        Split(Encoding.UTF8.GetBytes(full + "\r\n"), 100).ShouldBe([(full, false)]);
        Split(Encoding.UTF8.GetBytes(full + "x\r\n"), 100).Select(p => p.Text).ShouldBe([full + "x", ""]);
    }

    private static List<(string Text, bool IsPartial)> Split(byte[] bytes, int piece)
    {
        var lines = new List<(string, bool)>();
        var splitter = new LineSplitter((text, isPartial) => lines.Add((text, isPartial)));
        foreach (var part in bytes.Chunk(piece))
        {
            splitter.Take(part);
        }
        splitter.Complete();
        return lines;
    }
}
