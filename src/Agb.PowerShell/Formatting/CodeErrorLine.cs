namespace Agb.PowerShell;

/// <summary>Finds the line with the message in a language's error text.</summary>
internal static class CodeErrorLine
{
    /// <summary>The line with the message, with a mark when more text follows.</summary>
    internal static string Of(AgbCodeLanguage language, string error)
    {
        var lines = TextLines.Split(error.TrimEnd());
        var first = language switch
        {
            AgbCodeLanguage.Python => AfterFrames(lines),
            AgbCodeLanguage.Javascript => BeforeFrames(lines),
            _ => 0,
        };
        return Units.Line(string.Join('\n', lines.Skip(first).TakeWhile((l, i) => i == 0 || !IsFrame(l))));
    }

    // Frames and the code in them are indented. Of a message with several lines, only the first is looked for.
    private static int AfterFrames(IReadOnlyList<string> lines)
    {
        var last = lines.Count - 1;
        while (last >= 0 && !lines[last].StartsWith("  ", StringComparison.Ordinal))
        {
            last--;
        }
        return last >= 0 && last < lines.Count - 1 ? last + 1 : Math.Max(0, lines.Count - 1);
    }

    // The source of a syntax error and an empty line come before the message.
    private static int BeforeFrames(IReadOnlyList<string> lines)
    {
        var frame = lines.TakeWhile(l => !IsFrame(l)).Count();
        var blank = frame - 1;
        while (blank >= 0 && lines[blank].Length > 0)
        {
            blank--;
        }
        return frame > 0 && blank + 1 < frame ? blank + 1 : 0;
    }

    private static bool IsFrame(string line) => line.StartsWith("    at ", StringComparison.Ordinal);
}
