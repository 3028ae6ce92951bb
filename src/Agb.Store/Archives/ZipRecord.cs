using System.Buffers.Binary;

namespace Agb.Store;

/// <summary>A member of a new zip, and its records there (APPNOTE.TXT 4.3 and 4.5.3).</summary>
internal sealed class ZipRecord
{
    private const ushort Deflated = 8;
    private const ushort Zip64Tag = 1;
    private const ushort UnixWithZip64 = (3 << 8) | 45;
    private const uint DirectoryBit = 0x10;

    // The packed content may be longer than the content.
    private const long LargeBytes = uint.MaxValue - (64L << 20);

    /// <summary>The name in UTF-8, with a trailing slash for a directory.</summary>
    internal required byte[] Name { get; init; }

    /// <summary>The extra fields, without the one for zip64.</summary>
    internal required byte[] Extra { get; init; }

    /// <summary>Mode and time.</summary>
    internal required FileStat Stat { get; init; }

    /// <summary>Expected bytes of content; they decide on the form of the header.</summary>
    internal required long Expected { get; init; }

    internal long Size { get; set; }

    internal long Packed { get; set; }

    internal uint Crc { get; set; }

    internal long Offset { get; set; }

    internal bool IsDeflated { get; set; }

    private bool IsLarge => Expected >= LargeBytes;

    /// <summary>The local header, with the sums known so far.</summary>
    /// <exception cref="IOException">The content has outgrown its expected size.</exception>
    internal byte[] Local()
    {
        if (!IsLarge && Math.Max(Size, Packed) >= uint.MaxValue)
        {
            throw new IOException($"'{Encoding.UTF8.GetString(Name)}' has grown while it was packed.");
        }
        var record = new RecordWriter(30 + Name.Length + 20 + Extra.Length);
        record.Add(0x04034b50);
        record.AddShort(IsLarge ? 45 : 20);
        AddCommon(record, IsLarge, IsLarge, IsLarge ? 20 : 0);
        record.Add(Name);
        if (IsLarge)
        {
            record.AddShort(Zip64Tag);
            record.AddShort(16);
            record.AddLong(Size);
            record.AddLong(Packed);
        }
        record.Add(Extra);
        return record.ToArray();
    }

    /// <summary>The header in the central directory.</summary>
    internal byte[] Central()
    {
        var (largeSize, largePacked, far) = (Size >= uint.MaxValue, Packed >= uint.MaxValue, Offset >= uint.MaxValue);
        var wide = 8 * ((largeSize ? 1 : 0) + (largePacked ? 1 : 0) + (far ? 1 : 0));
        var record = new RecordWriter(46 + Name.Length + 4 + wide + Extra.Length);
        record.Add(0x02014b50);
        record.AddShort(UnixWithZip64);
        record.AddShort(wide > 0 || IsLarge ? 45 : 20);
        AddCommon(record, largeSize, largePacked, wide > 0 ? wide + 4 : 0);
        record.AddShort(0);
        record.AddShort(0);
        record.AddShort(0);
        record.Add((Stat.Mode << 16) | (Stat.Kind == EntryKind.Directory ? DirectoryBit : 0));
        record.Add(far ? uint.MaxValue : (uint)Offset);
        record.Add(Name);
        if (wide > 0)
        {
            record.AddShort(Zip64Tag);
            record.AddShort(wide);
            foreach (var (value, _) in new[] { (Size, largeSize), (Packed, largePacked), (Offset, far) }.Where(f => f.Item2))
            {
                record.AddLong(value);
            }
        }
        record.Add(Extra);
        return record.ToArray();
    }

    /// <summary>The records at the end of a zip.</summary>
    /// <param name="members">Number of members.</param>
    /// <param name="start">Offset of the central directory.</param>
    /// <param name="length">Its length.</param>
    internal static byte[] End(long members, long start, long length)
    {
        var record = new RecordWriter(56 + 20 + 22);
        if (members >= ushort.MaxValue || start >= uint.MaxValue || length >= uint.MaxValue)
        {
            record.Add(0x06064b50);
            record.AddLong(44);
            record.AddShort(UnixWithZip64);
            record.AddShort(45);
            record.AddLong(0);
            record.AddLong(members);
            record.AddLong(members);
            record.AddLong(length);
            record.AddLong(start);
            record.Add(0x07064b50);
            record.Add(0);
            record.AddLong(start + length);
            record.Add(1);
        }
        record.Add(0x06054b50);
        record.Add(0);
        record.AddShort((int)Math.Min(members, ushort.MaxValue));
        record.AddShort((int)Math.Min(members, ushort.MaxValue));
        record.Add((uint)Math.Min(length, uint.MaxValue));
        record.Add((uint)Math.Min(start, uint.MaxValue));
        record.AddShort(0);
        return record.ToArray();
    }

    private void AddCommon(RecordWriter record, bool largeSize, bool largePacked, int zip64Bytes)
    {
        const int Utf8 = 1 << 11;
        record.AddShort(Name.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)0x7f) ? Utf8 : 0);
        record.AddShort(IsDeflated ? Deflated : 0);
        record.Add(DosTime);
        record.Add(Crc);
        record.Add(largePacked ? uint.MaxValue : (uint)Packed);
        record.Add(largeSize ? uint.MaxValue : (uint)Size);
        record.AddShort(Name.Length);
        record.AddShort(zip64Bytes + Extra.Length);
    }

    // A zip's own times begin in 1980, end in 2107, and count in two seconds.
    private uint DosTime
    {
        get
        {
            var ticks = Math.Clamp(
                DateTime.UnixEpoch.Ticks + (Stat.MtimeNs / TimeSpan.NanosecondsPerTick),
                new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks, new DateTime(2107, 12, 31, 23, 59, 59, DateTimeKind.Utc).Ticks);
            var time = new DateTime(ticks, DateTimeKind.Utc);
            return ((uint)(time.Year - 1980) << 25) | ((uint)time.Month << 21) | ((uint)time.Day << 16)
                | ((uint)time.Hour << 11) | ((uint)time.Minute << 5) | ((uint)time.Second / 2);
        }
    }

    /// <summary>Writes the fields of a record.</summary>
    private sealed class RecordWriter(int capacity)
    {
        private readonly byte[] _bytes = new byte[capacity];
        private int _length;

        internal void AddShort(int value) => BinaryPrimitives.WriteUInt16LittleEndian(Next(2), checked((ushort)value));

        internal void Add(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Next(4), value);

        internal void AddLong(long value) => BinaryPrimitives.WriteInt64LittleEndian(Next(8), value);

        internal void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Next(bytes.Length));

        internal byte[] ToArray() => _bytes[.._length];

        private Span<byte> Next(int count) => _bytes.AsSpan((_length += count) - count, count);
    }
}
