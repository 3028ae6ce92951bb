using System.Text.RegularExpressions;

namespace Agb.PowerShell.Help;

/// <summary>Turns Markdown's inline marks into plain text, the only form in Get-Help.</summary>
internal static partial class PlainText
{
    private const int Width = 79;

    /// <summary>Text without marks: code without backticks, links as their text, with a web address after it.</summary>
    internal static string Of(string markdown)
    {
        // Marks count only outside of backticks.
        var parts = markdown.Split('`');
        for (var i = 0; i < parts.Length; i += 2)
        {
            parts[i] = LinkPattern().Replace(
                parts[i], m => m.Groups[2].Value.StartsWith("http", StringComparison.Ordinal)
                    ? $"{m.Groups[1].Value} ({m.Groups[2].Value})" : m.Groups[1].Value);
            parts[i] = parts[i].Replace("**", "", StringComparison.Ordinal);
        }
        return string.Concat(parts);
    }

    /// <summary>The links of a text, with their targets.</summary>
    internal static IEnumerable<(string Text, string Target)> Links(string markdown) =>
        LinkPattern().Matches(markdown).Select(m => (m.Groups[1].Value.Trim('`'), m.Groups[2].Value));

    /// <summary>Wraps a text, each line indented.</summary>
    /// <param name="text">The text of one paragraph.</param>
    /// <param name="indent">The indentation of each line.</param>
    /// <param name="first">The start of the first line, in place of the end of the indentation.</param>
    internal static IEnumerable<string> Wrap(string text, int indent, string first = "")
    {
        var line = new string(' ', indent - first.Length) + first;
        var isEmpty = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > Width)
            {
                yield return line;
                (line, isEmpty) = (new string(' ', indent), true);
            }
            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }
        yield return line;
    }

    [GeneratedRegex(@"\[([^\]]+)\]\(([^)]+)\)")]
    private static partial Regex LinkPattern();
}
