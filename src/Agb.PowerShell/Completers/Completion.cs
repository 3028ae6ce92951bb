using System.Management.Automation;
using System.Management.Automation.Language;

namespace Agb.PowerShell.Completers;

/// <summary>One thing to complete to.</summary>
/// <param name="Text">The value.</param>
/// <param name="ToolTip">What it is.</param>
internal sealed record Candidate(string Text, string ToolTip);

/// <summary>Turns candidates into completions of a word.</summary>
internal static class Completion
{
    /// <summary>The candidates that begin with the word (wildcards allowed), quoted where PowerShell needs it.</summary>
    internal static IEnumerable<CompletionResult> Matching(string? word, IEnumerable<Candidate> candidates)
    {
        var pattern = new WildcardPattern((word ?? "").Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        return candidates
            .Where(c => pattern.IsMatch(c.Text))
            .Select(c => new CompletionResult(Quoted(c.Text), c.Text, CompletionResultType.ParameterValue, c.ToolTip));
    }

    private static string Quoted(string text)
    {
        var isBareWord = text.Length > 0 && !char.IsDigit(text[0]) && text[0] != '-'
            && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/');
        return isBareWord ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
    }
}
