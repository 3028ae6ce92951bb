namespace Agb.Server.Tools.Files;

/// <summary>Parts of a text in UTF-8 that join without a gap: a character belongs to the part in which its first byte is.</summary>
internal static class TextSlice
{
    /// <summary>The most bytes of a character behind its first (RFC 3629, section 3).</summary>
    internal const int LongestTail = 3;

    /// <summary>Cuts a part.</summary>
    /// <param name="bytes">The file from the part's beginning, up to <see cref="LongestTail"/> bytes behind its end.</param>
    /// <param name="offset">Where in the file the part begins.</param>
    /// <param name="length">How long it is; 0 for all bytes.</param>
    internal static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> bytes, long offset, long length)
    {
        var from = offset == 0 ? 0 : Tail(bytes);
        if (length == 0 || bytes.Length <= length)
        {
            return bytes[from..];
        }
        var to = (int)length;
        // A part that is all tail belongs to the part before.
        return from >= to ? [] : bytes[from..(to + Tail(bytes[to..]))];
    }

    private static int Tail(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (count < Math.Min(bytes.Length, LongestTail) && (bytes[count] & 0xC0) == 0x80)
        {
            count++;
        }
        return count;
    }
}
