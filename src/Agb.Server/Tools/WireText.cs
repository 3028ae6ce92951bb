using System.Text;

namespace Agb.Server.Tools;

/// <summary>Texts as clients send them. One that cuts a long text into pieces by UTF-16 units may cut a character in two, so a
/// piece can begin or end with half a surrogate pair, which JSON can carry and UTF-8 can't.</summary>
internal static class WireText
{
    // What half a pair takes in the generalized form of UTF-8 (WTF-8, section 3.2).
    private const int HalfBytes = 3;

    /// <summary>The bytes to store of a piece. Half a pair is stored so that the next piece can complete it.</summary>
    internal static byte[] Bytes(string text)
    {
        if (text.Length == 0)
        {
            return [];
        }
        var from = StartsWithHalf(text) ? 1 : 0;
        var to = text.Length > from && char.IsHighSurrogate(text[^1]) ? text.Length - 1 : text.Length;
        return [.. from == 1 ? Half(text[0]) : [], .. Encoding.UTF8.GetBytes(text[from..to]), .. to < text.Length ? Half(text[^1]) : []];
    }

    /// <summary>Whether a piece begins with the second half of a pair.</summary>
    internal static bool StartsWithHalf(string text) => text.Length > 0 && char.IsLowSurrogate(text[0]);

    /// <summary>Joins the end of what is stored with a piece that begins with the second half of a pair.</summary>
    /// <param name="end">The last bytes that are stored, at most three.</param>
    /// <param name="text">The piece.</param>
    /// <returns>What to store in place of <paramref name="end"/>; null when that is not the first half of a pair.</returns>
    internal static byte[]? Join(ReadOnlySpan<byte> end, string text)
    {
        if (end.Length != HalfBytes || end[0] != 0xED || end[1] is < 0xA0 or > 0xAF || (end[2] & 0xC0) != 0x80)
        {
            return null;
        }
        var high = (char)(0xD000 | ((end[1] & 0x3F) << 6) | (end[2] & 0x3F));
        return [.. Encoding.UTF8.GetBytes([high, text[0]]), .. Bytes(text[1..])];
    }

    private static byte[] Half(char half) => [(byte)(0xE0 | (half >> 12)), (byte)(0x80 | ((half >> 6) & 0x3F)), (byte)(0x80 | (half & 0x3F))];
}
