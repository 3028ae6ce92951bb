using System.IO.Hashing;

namespace Agb.Store;

/// <summary>A range of a delta.</summary>
/// <param name="Offset">Its offset in the content.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Position">Its offset in the delta's file.</param>
internal readonly record struct LargeRange(long Offset, long Length, long Position)
{
    internal long End => Offset + Length;
}

/// <summary>A large file as its difference to another content: the size, and the bytes of some ranges. Bytes beyond the end of the
/// other content are zero.</summary>
internal sealed class LargeDelta : IDisposable
{
    internal const uint Magic = 0x44424741; // "AGBD"

    // The length of the footer, its hash, the signature.
    internal const int TailSize = 4 + 16 + 4;

    private const int BufferSize = 1 << 20;

    // Held in memory: a long history has many small deltas, and each open file counts against the process's limit.
    private const int MostInMemory = 1 << 16;

    private readonly Fd _file;
    private readonly byte[]? _memory;
    private readonly LargeRange[] _ranges;
    private readonly UInt128 _hash;
    private readonly long _bytes;

    private LargeDelta(Fd file, BinaryReader footer, long bytes)
    {
        (_file, _bytes) = (file, bytes);
        Base = footer.ReadString();
        IsForward = footer.ReadBoolean();
        Size = footer.ReadInt64();
        _hash = new UInt128(footer.ReadUInt64(), footer.ReadUInt64());
        _ranges = new LargeRange[footer.ReadInt32()];
        for (var i = 0; i < _ranges.Length; i++)
        {
            _ranges[i] = new LargeRange(footer.ReadInt64(), footer.ReadInt64(), footer.ReadInt64());
            RecordFile.Require(_ranges[i].Length > 0 && _ranges[i].End <= Size && _ranges[i].Position + _ranges[i].Length <= bytes);
        }
        if (bytes <= MostInMemory)
        {
            var memory = new byte[bytes];
            RecordFile.Require(file.Read(memory, 0) == bytes);
            _memory = memory;
            file.Dispose();
        }
    }

    /// <summary>The id of the other content.</summary>
    internal string Base { get; }

    /// <summary>Whether the other content is the older one.</summary>
    internal bool IsForward { get; }

    /// <summary>Size of the content.</summary>
    internal long Size { get; }

    /// <summary>The ranges, by offset.</summary>
    internal IReadOnlyList<LargeRange> Ranges => _ranges;

    /// <summary>Reads a delta.</summary>
    /// <param name="file">The file; owned by the result.</param>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal static LargeDelta Read(Fd file)
    {
        try
        {
            FaultSeam.BeforeRead(file.Path);
            var size = file.Stat().Size;
            RecordFile.Require(size >= TailSize);
            var tail = new byte[TailSize];
            file.Read(tail, size - TailSize);
            var length = BitConverter.ToInt32(tail);
            RecordFile.Require(BitConverter.ToUInt32(tail.AsSpan(TailSize - 4)) == Magic && length > 0 && length <= size - TailSize);
            var footer = new byte[length];
            file.Read(footer, size - TailSize - length);
            RecordFile.Require(XxHash128.Hash(footer).AsSpan().SequenceEqual(tail.AsSpan(4, 16)));
            using var reader = new BinaryReader(new MemoryStream(footer), Encoding.Latin1);
            return new LargeDelta(file, reader, size - TailSize - length);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException or OverflowException)
        {
            file.Dispose();
            throw LargeErrors.Damaged(BytePath.ToDisplay(file.Path), e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes of the file.</summary>
    private int ReadAt(Span<byte> buffer, long position)
    {
        if (_memory is not { } memory)
        {
            return _file.Read(buffer, position);
        }
        memory.AsSpan((int)position, buffer.Length).CopyTo(buffer);
        return buffer.Length;
    }

    /// <summary>Checks the bytes against their hash.</summary>
    /// <exception cref="AgbException">StoreCorrupt.</exception>
    internal void Verify()
    {
        var (hash, buffer) = (new XxHash128(), new byte[(int)Math.Min(BufferSize, Math.Max(1, _bytes))]);
        for (long at = 0; at < _bytes;)
        {
            var read = ReadAt(buffer.AsSpan(0, (int)Math.Min(buffer.Length, _bytes - at)), at);
            if (read == 0)
            {
                break;
            }
            hash.Append(buffer.AsSpan(0, read));
            at += read;
        }
        if (hash.GetCurrentHashAsUInt128() != _hash)
        {
            throw LargeErrors.Damaged(BytePath.ToDisplay(_file.Path));
        }
    }

    /// <summary>Puts this content's bytes over the other content's.</summary>
    /// <param name="buffer">The other content from an offset on.</param>
    /// <param name="offset">The offset.</param>
    internal void Overlay(Span<byte> buffer, long offset)
    {
        var end = offset + buffer.Length;
        for (var i = FirstEndingAfter(offset); i < _ranges.Length && _ranges[i].Offset < end; i++)
        {
            var range = _ranges[i];
            var (from, to) = (Math.Max(offset, range.Offset), Math.Min(end, range.End));
            ReadAt(buffer.Slice((int)(from - offset), (int)(to - from)), range.Position + (from - range.Offset));
        }
        if (end > Size)
        {
            buffer[(int)Math.Clamp(Size - offset, 0, buffer.Length)..].Clear();
        }
    }

    /// <summary>Turns the other content in a file into this one. May be repeated after an interruption.</summary>
    internal void ApplyTo(Fd file)
    {
        if (file.Stat().Size > Size)
        {
            file.Truncate(Size);
        }
        var buffer = new byte[BufferSize];
        foreach (var range in _ranges)
        {
            for (long done = 0; done < range.Length;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, range.Length - done));
                if (ReadAt(part, range.Position + done) < part.Length)
                {
                    throw LargeErrors.Damaged(BytePath.ToDisplay(_file.Path));
                }
                file.Write(part, range.Offset + done);
                done += part.Length;
            }
        }
        if (file.Stat().Size < Size)
        {
            file.Truncate(Size);
        }
    }

    /// <summary>The first byte of a range from an offset on, or null.</summary>
    internal long? NextData(long offset)
    {
        var i = FirstEndingAfter(offset);
        return i < _ranges.Length ? Math.Max(offset, _ranges[i].Offset) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private int FirstEndingAfter(long offset)
    {
        var (low, high) = (0, _ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _ranges[middle].End > offset ? (low, middle) : (middle + 1, high);
        }
        return low;
    }
}
