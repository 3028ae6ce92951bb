namespace Agb.Server;

/// <summary>Parts of a UTF-8 text that join without a gap: a character belongs to the part with its first byte.</summary>
internal static class TextSlice
{
    /// <summary>The most bytes of a character after its first (RFC 3629, section 3).</summary>
    internal const int LongestTail = 3;

    /// <summary>Cuts a part.</summary>
    /// <param name="bytes">The file from the start of the part, up to <see cref="LongestTail"/> bytes behind its end.</param>
    /// <param name="offset">The offset of the part in the file.</param>
    /// <param name="length">The length of the part; 0 for all bytes.</param>
    internal static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> bytes, long offset, long length)
    {
        var from = offset == 0 ? 0 : Tail(bytes);
        if (length == 0 || bytes.Length <= length)
        {
            return bytes[from..];
        }
        var to = (int)length;
        // A part without the first byte of a character is empty; the bytes belong to the part before.
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
