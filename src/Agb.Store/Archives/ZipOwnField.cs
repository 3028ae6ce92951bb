using System.Buffers.Binary;

namespace Agb.Store;

/// <summary>Details beyond the common fields of a zip: the exact name, and the time in nanoseconds. Stored in an extra field of
/// Agb, ignored by other programs (APPNOTE.TXT 4.5).</summary>
/// <param name="Name">The name, raw.</param>
/// <param name="MtimeNs">Nanoseconds since 1970.</param>
internal sealed record ZipOwnField(string Name, long MtimeNs)
{
    // "AG" in byte order; not among the registered fields of APPNOTE.TXT.
    private const int Tag = 0x4741;
    private const int UnixTimeTag = 0x5455;
    private const byte Version = 1;
    private const int HeadBytes = 9;

    internal static ZipOwnField? Find(byte[]? extra) => ZipFields.Find(extra, Tag) is { Length: >= HeadBytes } field && field[0] == Version
        ? new ZipOwnField(BytePath.FromBytes(field[HeadBytes..]), BinaryPrimitives.ReadInt64LittleEndian(field[1..]))
        : null;

    /// <summary>Adds the field, and the time in seconds in unzip's own field.</summary>
    internal void AddTo(ZipExtraData fields)
    {
        var seconds = MtimeNs / 1_000_000_000;
        if (seconds is >= 0 and <= int.MaxValue)
        {
            fields.StartNewEntry();
            fields.AddData(1);
            fields.AddLeInt((int)seconds);
            fields.AddNewEntry(UnixTimeTag);
        }
        fields.StartNewEntry();
        fields.AddData(Version);
        fields.AddLeLong(MtimeNs);
        fields.AddData(BytePath.Z(Name)[..^1]);
        fields.AddNewEntry(Tag);
    }
}
