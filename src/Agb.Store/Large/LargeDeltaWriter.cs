using System.IO.Hashing;

namespace Agb.Store;

/// <summary>Writes a delta. Several threads may append.</summary>
/// <param name="file">A new file; owned by the caller.</param>
/// <param name="limit">Most bytes of content.</param>
internal sealed class LargeDeltaWriter(Fd file, long limit)
{
    private readonly Lock _lock = new();
    private readonly XxHash128 _hash = new();
    private readonly List<LargeRange> _ranges = [];
    private long _bytes;

    /// <summary>Appends a range.</summary>
    /// <returns>False if the delta would grow beyond its limit.</returns>
    internal bool TryAppend(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (bytes.Length > limit - _bytes)
            {
                return false;
            }
            file.Write(bytes, _bytes);
            _hash.Append(bytes);
            _ranges.Add(new LargeRange(offset, bytes.Length, _bytes));
            _bytes += bytes.Length;
            return true;
        }
    }

    /// <summary>Completes the delta; durability is the caller's task.</summary>
    /// <param name="baseId">The id of the other content.</param>
    /// <param name="isForward">Whether the other content is the older one.</param>
    /// <param name="size">Size of the content. Ranges beyond it are left out.</param>
    internal void Finish(string baseId, bool isForward, long size)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.Latin1, leaveOpen: true))
        {
            var ranges = Merge(size);
            writer.Write(baseId);
            writer.Write(isForward);
            writer.Write(size);
            var hash = _hash.GetCurrentHashAsUInt128();
            writer.Write((ulong)(hash >> 64));
            writer.Write((ulong)hash);
            writer.Write(ranges.Count);
            foreach (var range in ranges)
            {
                writer.Write(range.Offset);
                writer.Write(range.Length);
                writer.Write(range.Position);
            }
        }
        var length = (int)memory.Length;
        memory.Write(BitConverter.GetBytes(length));
        memory.Write(XxHash128.Hash(memory.GetBuffer().AsSpan(0, length)));
        memory.Write(BitConverter.GetBytes(LargeDelta.Magic));
        file.Write(memory.GetBuffer().AsSpan(0, (int)memory.Length), _bytes);
    }

    /// <summary>The ranges by offset, neighbours joined.</summary>
    private List<LargeRange> Merge(long size)
    {
        var merged = new List<LargeRange>(_ranges.Count);
        foreach (var range in _ranges.Where(r => r.Offset < size).OrderBy(r => r.Offset).Select(r => r with { Length = Math.Min(r.Length, size - r.Offset) }))
        {
            if (merged.Count > 0 && merged[^1] is var last && last.End == range.Offset && last.Position + last.Length == range.Position)
            {
                merged[^1] = last with { Length = last.Length + range.Length };
            }
            else
            {
                merged.Add(range);
            }
        }
        return merged;
    }
}
