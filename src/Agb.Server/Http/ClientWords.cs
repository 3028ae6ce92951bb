using System.Text.RegularExpressions;

namespace Agb.Server;

/// <summary>Removes cmdlets from advice. The engine words its advice for PowerShell; clients of a server speak HTTP or MCP and
/// have no cmdlets.</summary>
internal static partial class ClientWords
{
    /// <summary>The advice without cmdlets; null if nothing is left.</summary>
    internal static string? Of(string? advice)
    {
        if (advice is null || !Name().IsMatch(advice))
        {
            return advice;
        }
        var left = Clause().Replace(advice, "");
        // A sentence about a cmdlet itself is useless to other clients.
        left = string.Join(' ', Sentence().Matches(left).Select(m => m.Value.Trim()).Where(s => !Name().IsMatch(s)));
        return left.Length == 0 ? null : left;
    }

    // "with Get-AgbContext", "with a longer -IdleTimeoutSeconds", ": New-AgbContext -GetExisting, or Get-AgbContext", "; Restore-AgbContext brings it back".
    [GeneratedRegex(@",?\s+(with|to)\s+(?:[^,.;:]*?\s)?(?:[A-Z][a-z]+-Agb[A-Z]\w*|-[A-Z][A-Za-z]+)[^,.;:]*|\s*[:;]\s*[A-Z][a-z]+-Agb[A-Z][^.;]*")]
    private static partial Regex Clause();

    [GeneratedRegex(@"[^.]+\.?")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\b[A-Z][a-z]+-Agb[A-Z]|(?<![\w-])-[A-Z][A-Za-z]+\b")]
    private static partial Regex Name();
}
