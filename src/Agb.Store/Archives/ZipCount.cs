using System.Buffers.Binary;

namespace Agb.Store;

/// <summary>Compares the number of members that a zip says it has with its size, because the reader makes room for all of them at
/// once. Only the records of zip64 can say more than 65,535 (APPNOTE.TXT 4.3.14 and 4.3.15).</summary>
internal static class ZipCount
{
    // A comment of the longest kind behind the last record, and as much before that for what readers look through.
    private const int TailBytes = 2 << 16;
    private const int LocatorBytes = 20;
    private const int RecordBytes = 56;

    // What the directory at the end needs for a member at least.
    private const ulong MemberBytes = 46;

    private static ReadOnlySpan<byte> LocatorMark => "PK\x06\x07"u8;

    private static ReadOnlySpan<byte> RecordMark => "PK\x06\x06"u8;

    /// <summary>Refuses a zip that can't have as many members as it says.</summary>
    /// <exception cref="InvalidDataException">It says too many.</exception>
    internal static void Require(Stream zip)
    {
        var tail = new byte[Math.Min(zip.Length, TailBytes)];
        zip.Position = zip.Length - tail.Length;
        zip.ReadExactly(tail);
        // Readers differ in where they look, so each locator counts, and not the last one alone.
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
            throw new InvalidDataException($"It says that it has {count} members, which it is too small for.");
        }
    }
}
