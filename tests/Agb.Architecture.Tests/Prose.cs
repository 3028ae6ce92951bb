using System.Text.RegularExpressions;

namespace Agb.Architecture.Tests;

/// <summary>Counts clauses that stand in place of a noun, or hang on one.</summary>
/// <remarks>A free clause has no noun ("what was asked", "whoever asks"); a relative clause hangs on one ("that was asked").</remarks>
public sealed partial class Prose
{
    private int _words;
    private int _free;
    private int _relative;
    private readonly List<string> _worst = [];

    /// <summary>Free clauses for 1,000 words.</summary>
    public double Free => 1000.0 * _free / Math.Max(1, _words);

    /// <summary>Free and relative clauses for 1,000 words.</summary>
    public double All => 1000.0 * (_free + _relative) / Math.Max(1, _words);

    /// <summary>Number of words.</summary>
    public int Words => _words;

    /// <summary>Texts with a free clause, at most twenty.</summary>
    public string Worst => string.Join('\n', _worst.Take(20));

    /// <summary>Adds a text; markup and values in braces do not count.</summary>
    public void Add(string text, string place)
    {
        text = Markup().Replace(text, " ");
        var free = FreeClause().Count(text);
        _words += Word().Count(text);
        _free += free;
        _relative += RelativeClause().Count(text);
        if (free > 0)
        {
            _worst.Add($"{place}: {text.Trim()}");
        }
    }

    /// <summary>Adds a Markdown page; code does not count.</summary>
    public void AddPage(string path)
    {
        foreach (var text in Code().Replace(File.ReadAllText(path), " ").Split('\n'))
        {
            Add(InlineCode().Replace(text, "x"), path);
        }
    }

    [GeneratedRegex(@"<[^>]*>|\{[^}]*\}")]
    private static partial Regex Markup();

    [GeneratedRegex(@"^```.*?^```|^---\n.*?^---\n", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"[A-Za-z][A-Za-z'-]*")]
    private static partial Regex Word();

    [GeneratedRegex(
        @"\b(?:whoever|whatever|whichever|nobody|somebody|anybody|anew|of (?:its|their) own)\b|(?<![?\w] )\bwhat (?!if\b|to\b|kind\b)(?=\w)|\b(?:those|that|the one|one|the others?|others|all) (?:who|which|that)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex FreeClause();

    [GeneratedRegex(
        @"\b(?:who|whose|whom|which)\b|\bthat (?:(?:is|are|was|were|ha[sd]|have|can|could|may|might|must|will|would|do|does|did|it|they|we|the|a|no|not)\b|\w+(?:s|ed)\b)",
        RegexOptions.IgnoreCase)]
    private static partial Regex RelativeClause();
}
