using System.Globalization;

namespace Agb.Store;

/// <summary>Reads a tar, and corrects headers beyond the abilities of System.Formats.Tar, in fields unused by unpacking: owner
/// ids beyond 31 bits become 0, and sparse members become ordinary ones with a <see cref="SparseMap"/>. Too large headers are
/// refused: long names and attributes come in extra headers, loaded whole by the reader. Checksums of headers are verified
/// here, because the reader does not verify them.</summary>
internal sealed class TarHeaders(Stream inner) : ReadStream
{
    /// <summary>Most bytes of one header.</summary>
    internal const long MaxHeaderBytes = 1 << 20;

    private const int BlockSize = 512;

    // Positions of header fields (POSIX.1-2001, pax Interchange Format; GNU tar manual, Basic Tar Format).
    private static readonly Range s_uid = 108..116;
    private static readonly Range s_gid = 116..124;
    private static readonly Range s_size = 124..136;
    private static readonly Range s_sum = 148..156;
    private static readonly Range s_magic = 257..265;
    private static readonly Range s_sparse = 386..482;
    private static readonly Range s_realSize = 483..495;
    private const int TypeOffset = 156;
    private const int IsExtendedOffset = 482;
    private const int ExtensionEntries = 21;
    private const int EntryBytes = 24;

    // Bytes read ahead from the archive, to be returned next.
    private byte[] _ready = [];
    private int _handedOn;
    private long _position;
    private bool _isExpected;
    private SparseMap? _sparse;

    /// <summary>Expects a header in the next block: the content of the last member is consumed.</summary>
    internal void ExpectHeader()
    {
        _isExpected = true;
        _sparse = null;
    }

    /// <summary>The map of the current member; null for one without holes.</summary>
    internal SparseMap? Sparse => _sparse;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_handedOn == _ready.Length && _isExpected && count > 0)
        {
            if (_position % BlockSize is var into and > 0)
            {
                // Padding of the last content block.
                count = (int)Math.Min(count, BlockSize - into);
            }
            else
            {
                (_ready, _handedOn) = (ReadHeader(), 0);
                if (_ready.Length == 0)
                {
                    return 0;
                }
            }
        }
        if (_handedOn < _ready.Length)
        {
            var part = Math.Min(count, _ready.Length - _handedOn);
            _ready.AsSpan(_handedOn, part).CopyTo(buffer.AsSpan(offset));
            _handedOn += part;
            return part;
        }
        var read = inner.Read(buffer, offset, count);
        _position += read;
        return read;
    }

    /// <summary>Reads a header, with its content for attributes and long names. Another header follows these; the member's
    /// content follows all others.</summary>
    private byte[] ReadHeader()
    {
        var at = _position;
        var header = ReadBlock();
        if (header.Length < BlockSize || !header.AsSpan().ContainsAnyExcept((byte)0))
        {
            // The end, or damage, which is left to the reader.
            _isExpected = false;
            return header;
        }
        RequireSum(header, at);
        Change(header, s_uid, "0000000\0"u8);
        Change(header, s_gid, "0000000\0"u8);
        switch ((char)header[TypeOffset])
        {
            case 'x' or 'g' or 'L' or 'K':
                var content = new byte[RoundUp(LengthOf(header, at))];
                inner.ReadExactly(content);
                _position += content.Length;
                if (header[TypeOffset] is (byte)'x' or (byte)'g')
                {
                    ChangeAttributes(content.AsSpan(0, (int)LengthOf(header, at)), isGlobal: header[TypeOffset] == 'g');
                }

                return [.. header, .. content];
            case 'S':
                _sparse = ReadOldMap(header);
                Change(header, TypeOffset..(TypeOffset + 1), "0"u8);
                Change(header, s_sparse, new byte[EntryBytes * 4]);
                Change(header, IsExtendedOffset..495, new byte[13]);
                break;
            default:
                break;
        }
        _isExpected = false;
        return header;
    }

    private byte[] ReadBlock()
    {
        var block = new byte[BlockSize];
        var read = inner.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false);
        _position += read;
        return read == BlockSize ? block : block[..read];
    }

    private static long LengthOf(byte[] header, long at) =>
        NumberOf(header.AsSpan()[s_size]) is var size and >= 0 and <= MaxHeaderBytes ? size : throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture, $"A header at byte {at} exceeds the limit of {MaxHeaderBytes} bytes."));

    /// <summary>Reads the regions of a sparse member in the form of GNU tar before PAX: four in the header, more in blocks
    /// behind it.</summary>
    private SparseMap ReadOldMap(byte[] header)
    {
        if (!header.AsSpan()[s_magic].SequenceEqual("ustar  \0"u8))
        {
            throw new InvalidDataException("A sparse member has an unknown form.");
        }
        var map = new SparseMap(NumberOf(header.AsSpan()[s_realSize]));
        AddParts(map, header.AsSpan()[s_sparse], 4);
        long bytes = 0;
        for (var block = header[IsExtendedOffset] != 0 ? ReadBlock() : null; block is not null;)
        {
            if (block.Length < BlockSize || (bytes += BlockSize) > MaxHeaderBytes)
            {
                throw new InvalidDataException("The regions of a sparse member can't be read.");
            }
            AddParts(map, block, ExtensionEntries);
            block = block[ExtensionEntries * EntryBytes] != 0 ? ReadBlock() : null;
        }
        return map;
    }

    private static void AddParts(SparseMap map, ReadOnlySpan<byte> entries, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var entry = entries[(i * EntryBytes)..];
            if (entry[0] == 0)
            {
                return;
            }
            map.Add(NumberOf(entry[..12]), NumberOf(entry[12..24]));
        }
    }

    /// <summary>Edits PAX attributes, lines of "LENGTH KEY=VALUE", in place: their lengths stay the same.</summary>
    private void ChangeAttributes(Span<byte> content, bool isGlobal)
    {
        var records = new List<(string, string)>();
        for (var rest = content; rest.IndexOf((byte)' ') is var space and > 0;)
        {
            // Unreadable attributes are left to the reader, which refuses them.
            if (NumberOf(rest[..space], 10) is var length && (length <= space + 1 || length > rest.Length))
            {
                return;
            }
            var record = rest[(space + 1)..((int)length - 1)];
            rest = rest[(int)length..];
            if (record.IndexOf((byte)'=') is not (var equals and > 0))
            {
                continue;
            }
            var key = BytePath.FromBytes(record[..equals]);
            if (key is "uid" or "gid")
            {
                record[(equals + 1)..].Fill((byte)'0');
            }
            else if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal) && !isGlobal)
            {
                // In the form 0.0 keys repeat, an error for the reader: each gets a unique name.
                Encoding.ASCII.GetBytes(records.Count.ToString("x" + equals, CultureInfo.InvariantCulture), record[..equals]);
                records.Add((key, BytePath.FromBytes(record[(equals + 1)..])));
            }
        }
        if (!isGlobal)
        {
            _sparse = SparseMap.OfPax(records);
        }
    }

    /// <summary>Verifies a header's checksum. Its own field counts as blanks; some old programs summed signed bytes.</summary>
    private static void RequireSum(byte[] header, long at)
    {
        var (unsigned, signed) = (0L, 0L);
        for (var i = 0; i < BlockSize; i++)
        {
            var b = i >= s_sum.Start.Value && i < s_sum.End.Value ? (byte)' ' : header[i];
            unsigned += b;
            signed += (sbyte)b;
        }
        if (NumberOf(header.AsSpan()[s_sum]) is var sum && sum != unsigned && sum != signed)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The header at byte {at} has a wrong checksum."));
        }
    }

    /// <summary>Changes bytes of a header, and adjusts its checksum.</summary>
    private static void Change(byte[] header, Range field, ReadOnlySpan<byte> value)
    {
        var sum = NumberOf(header.AsSpan()[s_sum]);
        var bytes = header.AsSpan()[field];
        for (var i = 0; i < bytes.Length; i++)
        {
            sum += value[i] - bytes[i];
            bytes[i] = value[i];
        }
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.AsSpan()[s_sum]);
    }

    // Digits between blanks, or a binary number if the first bit is set (GNU). -1 for neither.
    private static long NumberOf(ReadOnlySpan<byte> field, int radix = 8)
    {
        long number = 0;
        if (field[0] == 0x80)
        {
            foreach (var b in field[1..])
            {
                number = number > long.MaxValue >> 8 ? -1 : (number << 8) | b;
                if (number < 0)
                {
                    return -1;
                }
            }
            return number;
        }
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit < '0' || digit >= '0' + radix || number > long.MaxValue / radix - radix)
            {
                return -1;
            }
            number = (number * radix) + digit - '0';
        }
        return number;
    }

    private static long RoundUp(long size) => (size + BlockSize - 1) / BlockSize * BlockSize;
}
