namespace Agb.Engine;

/// <summary>A text for the keyboard, in pieces with few enough characters beyond the US keyboard for its unused keys.</summary>
internal static class DesktopTyping
{
    private const int MostCharacters = 150;

    /// <summary>Splits a text.</summary>
    /// <returns>Each piece with the keysyms of its characters beyond ASCII.</returns>
    /// <exception cref="AgbException">InvalidDesktopAction: a character without a key.</exception>
    internal static IEnumerable<(string Text, IReadOnlyList<string> Keysyms)> Split(string text)
    {
        var piece = new StringBuilder();
        var keysyms = new SortedSet<string>(StringComparer.Ordinal);
        // The carriage return is the character of the key Enter.
        foreach (var rune in text.Replace("\r\n", "\r", StringComparison.Ordinal).Replace('\n', '\r').EnumerateRunes())
        {
            if (Rune.IsControl(rune) && rune.Value is not ('\r' or '\t'))
            {
                throw DesktopPointer.Invalid($"The text has the control character U+{rune.Value:X4}, which no key types. Press keys by name.");
            }
            if (!rune.IsAscii && keysyms.Add(DesktopKeys.Of(rune)) && keysyms.Count > MostCharacters)
            {
                keysyms.Remove(DesktopKeys.Of(rune));
                yield return (piece.ToString(), [.. keysyms]);
                piece.Clear();
                keysyms.Clear();
                keysyms.Add(DesktopKeys.Of(rune));
            }
            piece.Append(rune);
        }
        if (piece.Length > 0)
        {
            yield return (piece.ToString(), [.. keysyms]);
        }
    }
}
