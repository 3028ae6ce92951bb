using System.Buffers.Binary;

namespace Agb.Store;

/// <summary>Compares a zip's declared number of members with its size, because the reader allocates memory for all of them at
/// once. Only zip64 records can declare more than 65,535 (APPNOTE.TXT 4.3.14 and 4.3.15).</summary>
internal static class ZipCount
{
    // The longest comment behind the last record, and the same again before it for the search range of readers.
    private const int TailBytes = 2 << 16;
    private const int LocatorBytes = 20;
    private const int RecordBytes = 56;

    // Least size of a member in the central directory.
    private const ulong MemberBytes = 46;

    private static ReadOnlySpan<byte> LocatorMark => "PK\x06\x07"u8;

    private static ReadOnlySpan<byte> RecordMark => "PK\x06\x06"u8;

    /// <summary>Refuses a zip with an impossible number of members.</summary>
    /// <exception cref="InvalidDataException">The declared number is too large.</exception>
    internal static void Require(Stream zip)
    {
        var tail = new byte[Math.Min(zip.Length, TailBytes)];
        zip.Position = zip.Length - tail.Length;
        zip.ReadExactly(tail);
        // Readers search differently, so every locator is checked, not only the last one.
        for (ReadOnlySpan<byte> rest = tail; rest.IndexOf(LocatorMark) is var at and >= 0; rest = rest[(at + 1)..])
        {
            if (rest.Length >= at + LocatorBytes)
            {
                RequireRecord(zip, BinaryPrimitives.ReadUInt64LittleEndian(rest[(at + 8)..]));
            }
        }
        zip.Position = 0;
    }

    private static void RequireRecord(Stream zip, ulong offset)
    {
        if (offset > (ulong)zip.Length || (ulong)zip.Length - offset < RecordBytes)
        {
            return;
        }
        Span<byte> record = stackalloc byte[RecordBytes];
        zip.Position = (long)offset;
        zip.ReadExactly(record);
        var count = BinaryPrimitives.ReadUInt64LittleEndian(record[24..]);
        if (record.StartsWith(RecordMark) && count > (ulong)zip.Length / MemberBytes)
        {
            throw new InvalidDataException($"The zip is too small for its declared {count} members.");
        }
    }
}
