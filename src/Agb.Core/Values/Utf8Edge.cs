using System.Buffers;

namespace Agb;

/// <summary>Finds the end of the last whole character in cut UTF-8.</summary>
public static class Utf8Edge
{
    // The longest incomplete character.
    private const int LongestPart = 3;

    /// <summary>Removes an incomplete character at the end. Other invalid bytes stay.</summary>
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
