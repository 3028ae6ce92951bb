using System.Globalization;

namespace Agb.Engine.Archives;

/// <summary>Reads a tar and refuses headers that are larger than any honest one. The names and attributes that do not fit into a
/// member's own header come in headers of their own before it, whose size the archive says, and which the reader loads as a
/// whole before anybody sees the member.</summary>
internal sealed class TarHeaderLimit(Stream inner) : ReadStream
{
    private const int BlockSize = 512;
    private const long MaxHeaderBytes = 1 << 20;

    // Where the size and the type stand in a header (POSIX.1-2001, pax Interchange Format).
    private static readonly Range s_size = 124..136;
    private const int TypeOffset = 156;

    private readonly byte[] _header = new byte[BlockSize];
    private long _position;
    private long _next;
    private bool _isExpected;

    /// <summary>The next block is a header: all content of the member before was read.</summary>
    internal void ExpectHeader()
    {
        _next = RoundUp(_position);
        _isExpected = true;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Look(buffer.AsSpan(offset, read));
        return read;
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        var end = _position + bytes.Length;
        while (_isExpected && end > _next)
        {
            var from = Math.Max(_position, _next);
            var part = bytes[(int)(from - _position)..];
            part = part[..(int)Math.Min(part.Length, _next + BlockSize - from)];
            part.CopyTo(_header.AsSpan((int)(from - _next)));
            if (from + part.Length < _next + BlockSize)
            {
                break;
            }
            Judge();
        }
        _position = end;
    }

    /// <summary>Looks at a whole header. After one of these kinds another follows; after all others, the member's content.</summary>
    private void Judge()
    {
        if ((char)_header[TypeOffset] is not ('x' or 'g' or 'L' or 'K'))
        {
            _isExpected = false;
            return;
        }
        var size = SizeOf(_header.AsSpan()[s_size]);
        if (size is < 0 or > MaxHeaderBytes)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"A header at byte {_next} is larger than the {MaxHeaderBytes} bytes that are allowed."));
        }
        _next += BlockSize + RoundUp(size);
    }

    // Octal digits; or, where the first bit is set, a number in binary (GNU), of which no small one is ever written so.
    private static long SizeOf(ReadOnlySpan<byte> field)
    {
        if (field[0] >= 0x80)
        {
            return -1;
        }
        long size = 0;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }
            size = (size * 8) + digit - '0';
        }
        return size;
    }

    private static long RoundUp(long size) => (size + BlockSize - 1) / BlockSize * BlockSize;
}
