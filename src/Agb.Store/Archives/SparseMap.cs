using System.Globalization;

namespace Agb.Store;

/// <summary>Data regions of a sparse member; the gaps are holes and read as zeros. Forms: GNU tar manual, "Storing Sparse
/// Files" (old GNU, and PAX 0.0, 0.1 and 1.0).</summary>
/// <param name="size">The size of the file with its holes.</param>
internal sealed class SparseMap(long size)
{
    private readonly List<(long Offset, long Length)> _parts = [];

    /// <summary>Name of the file if it differs from the member's; else null.</summary>
    internal string? Name { get; init; }

    /// <summary>Whether the region list precedes the data (PAX 1.0).</summary>
    internal bool IsInData { get; init; }

    /// <summary>Adds a region, in order.</summary>
    /// <exception cref="InvalidDataException">The region overlaps the last one, or exceeds the end.</exception>
    internal void Add(long offset, long length)
    {
        var from = _parts.Count == 0 ? 0 : _parts[^1].Offset + _parts[^1].Length;
        if (offset < from || length < 0 || offset > size - length)
        {
            throw new InvalidDataException("A sparse member has regions in the wrong order or beyond its end.");
        }
        _parts.Add((offset, length));
    }

    /// <summary>Opens the content with its holes.</summary>
    /// <param name="packed">The data alone, region after region.</param>
    internal Stream Open(Stream packed)
    {
        if (IsInData)
        {
            ReadParts(packed);
        }
        return new Expanded(packed, _parts, size);
    }

    /// <summary>Reads the region list: decimal numbers, a line each: the count, then offset and
    /// length of each, in whole blocks.</summary>
    private void ReadParts(Stream packed)
    {
        const int BlockSize = 512;
        var read = 0;
        var count = Next();
        if (count > TarHeaders.MaxHeaderBytes)
        {
            throw new InvalidDataException("A sparse member has too many regions.");
        }
        for (long i = 0; i < count; i++)
        {
            Add(Next(), Next());
        }
        packed.ReadExactly(new byte[(BlockSize - (read % BlockSize)) % BlockSize]);

        long Next()
        {
            long value = 0;
            for (var digits = 0; ; digits++)
            {
                var c = packed.ReadByte();
                if (++read > TarHeaders.MaxHeaderBytes || (c == '\n' ? digits == 0 : c is < '0' or > '9' || digits == 18))
                {
                    throw new InvalidDataException("The regions of a sparse member can't be read.");
                }
                if (c == '\n')
                {
                    return value;
                }
                value = (value * 10) + c - '0';
            }
        }
    }

    /// <summary>Reads the map from PAX attributes, in any of the three forms; null without one.</summary>
    /// <param name="records">The attributes of a member, in order.</param>
    internal static SparseMap? OfPax(IReadOnlyList<(string Key, string Value)> records)
    {
        if (Last("GNU.sparse.major") is { } major && (major, Last("GNU.sparse.minor")) != ("0", "0") && (major, Last("GNU.sparse.minor")) != ("0", "1"))
        {
            return (major, Last("GNU.sparse.minor")) == ("1", "0")
                ? new SparseMap(Number(Last("GNU.sparse.realsize"))) { Name = Last("GNU.sparse.name"), IsInData = true }
                : throw new InvalidDataException($"A sparse member has the unknown form {major}.{Last("GNU.sparse.minor")}.");
        }
        if (Last("GNU.sparse.size") is not { } size)
        {
            return null;
        }
        var map = new SparseMap(Number(size)) { Name = Last("GNU.sparse.name") };
        var numbers = Last("GNU.sparse.map") is { } list
            ? list.Split(',', StringSplitOptions.RemoveEmptyEntries)
            : [.. records.Where(r => r.Key is "GNU.sparse.offset" or "GNU.sparse.numbytes").Select(r => r.Value)];
        if (numbers.Length % 2 != 0)
        {
            throw new InvalidDataException("The regions of a sparse member can't be read.");
        }
        for (var i = 0; i < numbers.Length; i += 2)
        {
            map.Add(Number(numbers[i]), Number(numbers[i + 1]));
        }
        return map;

        string? Last(string key) => records.LastOrDefault(r => r.Key == key).Value;
    }

    private static long Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException("The regions of a sparse member can't be read.");

    private sealed class Expanded(Stream packed, List<(long Offset, long Length)> parts, long size) : ReadStream
    {
        private long _position;
        private int _part;
        private bool _isHole;

        internal override bool IsHole => _isHole;

        public override int Read(byte[] buffer, int offset, int count)
        {
            while (_part < parts.Count && _position == parts[_part].Offset + parts[_part].Length)
            {
                _part++;
            }
            var next = _part < parts.Count ? parts[_part].Offset : size;
            int read;
            _isHole = _position < next;
            if (_isHole)
            {
                read = (int)Math.Min(count, next - _position);
                buffer.AsSpan(offset, read).Clear();
            }
            else if (_part < parts.Count)
            {
                var rest = parts[_part].Offset + parts[_part].Length - _position;
                read = packed.Read(buffer, offset, (int)Math.Min(count, rest));
                if (read == 0 && count > 0)
                {
                    throw new EndOfStreamException("A sparse member ends before its data.");
                }
            }
            else
            {
                return 0;
            }
            _position += read;
            return read;
        }
    }
}
