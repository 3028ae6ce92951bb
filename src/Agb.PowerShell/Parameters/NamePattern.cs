namespace Agb.PowerShell;

/// <summary>A name for a Get- cmdlet. An exact match goes first, then its meaning as a pattern or, without wildcards, a match in
/// another case.</summary>
internal sealed class NamePattern(string text)
{
    /// <summary>Whether the text has unescaped wildcards.</summary>
    internal bool HasWildcards { get; } = WildcardPattern.ContainsWildcardCharacters(text);

    /// <summary>The name, if nothing in the text is a wildcard.</summary>
    internal string Literal => HasWildcards ? text : WildcardPattern.Unescape(text);

    /// <summary>The matching items.</summary>
    internal async Task<IReadOnlyList<T>> SelectAsync<T>(IAsyncEnumerable<T> all, Func<T, string> name, CancellationToken cancellationToken)
    {
        var items = await all.ToListAsync(cancellationToken).ConfigureAwait(false);
        return Select(items, name);
    }

    /// <summary>The matching items.</summary>
    internal IReadOnlyList<T> Select<T>(IReadOnlyCollection<T> items, Func<T, string> name)
    {
        var exact = items.Where(i => name(i) == text || name(i) == Literal).ToArray();
        return exact.Length > 0 ? exact : [.. items.Where(i => IsMatch(name(i)))];
    }

    /// <summary>Whether a text matches one of the patterns; any text matches without patterns.</summary>
    internal static bool Any(IEnumerable<string>? patterns, string text) => patterns is null || patterns.Any(p => p == text || new NamePattern(p).IsMatch(text));

    /// <summary>Whether a name matches, when no name is the exact text.</summary>
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
            // An open bracket is no pattern, and no other name equals that text.
            return false;
        }
    }
}
