using System.Text;

namespace Agb.Server;

/// <summary>Texts from clients. A client that splits a long text by UTF-16 units may cut a character in two. A piece can then
/// begin or end with half a surrogate pair: valid in JSON, but not in UTF-8.</summary>
internal static class WireText
{
    // The size of half a pair in generalized UTF-8 (WTF-8, section 3.2).
    private const int HalfBytes = 3;

    /// <summary>The stored bytes of a piece. Half a pair is stored for completion by the next piece.</summary>
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

    /// <summary>Joins the end of the stored bytes with a piece that begins with the second half of a pair.</summary>
    /// <param name="end">The last stored bytes, at most three.</param>
    /// <param name="text">The piece.</param>
    /// <returns>The replacement for <paramref name="end"/>; null if it is not the first half of a pair.</returns>
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
