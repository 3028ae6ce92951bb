namespace Agb;

/// <summary>Cuts text into lines.</summary>
public static class TextLines
{
    /// <summary>The lines without their ends (LF or CR LF). The end of the last line begins no other, so the empty text has none.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            return [];
        }
        var lines = (text[^1] == '\n' ? text[..^1] : text).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            // The last one has had its end only where there was a newline.
            if (lines[i].EndsWith('\r') && (i < lines.Length - 1 || text[^1] == '\n'))
            {
                lines[i] = lines[i][..^1];
            }
        }
        return lines;
    }

    /// <summary>The last lines of a text, with <c>...</c> before them where others were left out.</summary>
    /// <param name="text">The text; white space at its end is left out.</param>
    /// <param name="most">The most lines.</param>
    /// <param name="mostCharacters">The most characters of each.</param>
    public static string Last(string text, int most, int mostCharacters)
    {
        var lines = Split(text.TrimEnd());
        var kept = lines.Skip(lines.Count - most)
            .Select(l => l.Length <= mostCharacters ? l : l[..(char.IsHighSurrogate(l[mostCharacters - 1]) ? mostCharacters - 1 : mostCharacters)] + "...");
        return string.Join('\n', lines.Count > most ? kept.Prepend("...") : kept);
    }
}
