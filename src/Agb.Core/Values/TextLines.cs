namespace Agb;

/// <summary>Cuts text into lines.</summary>
public static class TextLines
{
    /// <summary>Splits into lines without their ends (LF or CR LF). No line follows the last end, so the empty text has no
    /// lines.</summary>
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
            // The last line has an end only before a newline.
            if (lines[i].EndsWith('\r') && (i < lines.Length - 1 || text[^1] == '\n'))
            {
                lines[i] = lines[i][..^1];
            }
        }
        return lines;
    }

    /// <summary>The last lines of a text, with <c>...</c> in place of omitted ones.</summary>
    /// <param name="text">The text; trailing white space is removed.</param>
    /// <param name="most">The maximum number of lines.</param>
    /// <param name="mostCharacters">The maximum number of characters in each line.</param>
    public static string Last(string text, int most, int mostCharacters)
    {
        var lines = Split(text.TrimEnd());
        var kept = lines.Skip(lines.Count - most)
            .Select(l => l.Length <= mostCharacters ? l : l[..(char.IsHighSurrogate(l[mostCharacters - 1]) ? mostCharacters - 1 : mostCharacters)] + "...");
        return string.Join('\n', lines.Count > most ? kept.Prepend("...") : kept);
    }
}
