namespace Agb.Soak;

/// <summary>Writes figures of a run into a page of docs, between two marks.</summary>
internal static class FigurePage
{
    /// <summary>Replaces what stands between the marks of a proof.</summary>
    /// <param name="page">The page; null writes nothing.</param>
    /// <param name="proof">The proof's name, as <c>./build.ps1 Prove</c> lists it.</param>
    /// <param name="figures">The new lines.</param>
    /// <exception cref="InvalidDataException">The page has no such marks.</exception>
    internal static async Task WriteAsync(string? page, string proof, string figures)
    {
        if (page is null)
        {
            return;
        }
        var (begin, end) = ($"<!-- figures of {proof} begin -->", $"<!-- figures of {proof} end -->");
        var text = await File.ReadAllTextAsync(page);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from)
        {
            throw new InvalidDataException($"'{page}' has no place for the figures: '{begin}' and, after it, '{end}'.");
        }
        await File.WriteAllTextAsync(page, $"{text[..from]}{begin}\n{figures.Trim('\n')}\n{text[to..]}");
    }
}
