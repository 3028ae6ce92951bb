using System.Buffers;
using System.Text;

namespace Agb;

/// <summary>Where UTF-8 that was cut at some byte can end without half a character.</summary>
public static class Utf8Edge
{
    // The longest beginning of a character that is not all of it.
    private const int LongestPart = 3;

    /// <summary>The bytes without the beginning of a character at their end. Other bytes that are no UTF-8 stay.</summary>
    public static ReadOnlySpan<byte> Before(ReadOnlySpan<byte> bytes)
    {
        for (var part = 1; part <= Math.Min(LongestPart, bytes.Length); part++)
        {
            if (Rune.DecodeFromUtf8(bytes[^part..], out _, out var read) == OperationStatus.NeedMoreData && read == part)
            {
                return bytes[..^part];
            }
        }
        return bytes;
    }
}
