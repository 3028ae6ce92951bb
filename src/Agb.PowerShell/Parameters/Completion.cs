using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>A completion before it is quoted.</summary>
/// <param name="Text">The value.</param>
/// <param name="ToolTip">A short description.</param>
/// <param name="IsCode">Whether it is PowerShell code, which must not be quoted.</param>
internal sealed record Candidate(string Text, string ToolTip, bool IsCode = false);

/// <summary>Turns candidates into completions of a word.</summary>
internal static class Completion
{
    /// <summary>The candidates that begin with the word (wildcards allowed), quoted where PowerShell needs it.</summary>
    internal static IEnumerable<CompletionResult> Matching(string? word, IEnumerable<Candidate> candidates)
    {
        var start = Unquoted(word ?? "");
        // An unfinished wildcard such as [a is no pattern; it is still the beginning of a word.
        var pattern = WildcardPattern.ContainsWildcardCharacters(start) && IsPattern(start + "*", out var valid) ? valid : null;
        return candidates
            .Where(c => c.Text.StartsWith(start, StringComparison.OrdinalIgnoreCase) || pattern?.IsMatch(c.Text) == true)
            .Select(c => new CompletionResult(
                c.IsCode ? c.Text : Quoted(c.Text), c.Text, CompletionResultType.ParameterValue, c.ToolTip));
    }

    /// <summary>A word as typed, perhaps with an open quote.</summary>
    private static string Unquoted(string word) => word switch
    {
        ['\'', .. var rest] => rest.TrimEnd('\'').Replace("''", "'", StringComparison.Ordinal),
        ['"', .. var rest] => rest.TrimEnd('"').Replace("`", "", StringComparison.Ordinal),
        _ => word,
    };

    /// <summary>Whether a text is a valid pattern. Patterns ignore case.</summary>
    internal static bool IsPattern(string text, out WildcardPattern pattern)
    {
        pattern = new WildcardPattern(text, WildcardOptions.IgnoreCase);
        try
        {
            pattern.IsMatch("");
            return true;
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }

    /// <summary>A text as one word of a command line.</summary>
    internal static string Quoted(string text)
    {
        var isBareWord = text.Length > 0 && !char.IsDigit(text[0]) && text[0] != '-'
            && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/');
        return isBareWord ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
    }
}
