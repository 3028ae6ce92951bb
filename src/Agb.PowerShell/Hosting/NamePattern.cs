using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>A name as Get- cmdlets take it. The name itself goes first, then it is a pattern, or, without wildcards, the same name in
/// other cases of its letters.</summary>
internal sealed class NamePattern(string text)
{
    /// <summary>Whether wildcards are in it that are not escaped.</summary>
    internal bool HasWildcards { get; } = WildcardPattern.ContainsWildcardCharacters(text);

    /// <summary>The name that it says when nothing in it is a wildcard.</summary>
    internal string Literal => HasWildcards ? text : WildcardPattern.Unescape(text);

    /// <summary>Those that are meant.</summary>
    internal async Task<IReadOnlyList<T>> SelectAsync<T>(IAsyncEnumerable<T> all, Func<T, string> name, CancellationToken cancellationToken)
    {
        var items = await all.ToListAsync(cancellationToken).ConfigureAwait(false);
        return Select(items, name);
    }

    /// <summary>Those that are meant.</summary>
    internal IReadOnlyList<T> Select<T>(IReadOnlyCollection<T> items, Func<T, string> name)
    {
        var exact = items.Where(i => name(i) == text || name(i) == Literal).ToArray();
        return exact.Length > 0 ? exact : [.. items.Where(i => IsMatch(name(i)))];
    }

    /// <summary>Whether a name is meant when none is the text itself.</summary>
    private bool IsMatch(string name)
    {
        if (!HasWildcards)
        {
            return string.Equals(name, Literal, StringComparison.OrdinalIgnoreCase);
        }
        try
        {
            return new WildcardPattern(text, WildcardOptions.IgnoreCase).IsMatch(name);
        }
        catch (WildcardPatternException)
        {
            // A bracket that is not closed is no pattern, and no other name is that text.
            return false;
        }
    }
}
