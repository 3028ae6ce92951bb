namespace Agb.Store;

/// <summary>The content of a large file: a whole file, and the deltas to be put over it. Never changes while it is open.</summary>
/// <param name="body">The whole file, with a shared lock; owned by this object.</param>
/// <param name="deltas">The deltas in the order of their application; owned by this object.</param>
internal sealed class LargeContent(Fd body, IReadOnlyList<LargeDelta> deltas) : IDisposable
{
    /// <summary>Size of the content.</summary>
    internal long Size { get; } = deltas.Count > 0 ? deltas[^1].Size : body.Stat().Size;

    /// <summary>Number of deltas.</summary>
    internal int Depth => deltas.Count;

    /// <summary>Fills a buffer from an offset; bytes beyond the end are zero.</summary>
    internal void Read(Span<byte> buffer, long offset)
    {
        buffer[body.Read(buffer, offset)..].Clear();
        foreach (var delta in deltas)
        {
            delta.Overlay(buffer, offset);
        }
    }

    /// <summary>The first byte of possible data from an offset on; null if only zeros follow.</summary>
    internal long? NextData(long offset)
    {
        var next = body.NextData(offset);
        foreach (var delta in deltas)
        {
            next = delta.NextData(offset) is { } data && !(next <= data) ? data : next;
        }
        return next;
    }

    /// <summary>Checks the deltas.</summary>
    /// <exception cref="AgbException">StoreCorrupt: one is damaged.</exception>
    internal void Verify()
    {
        foreach (var delta in deltas)
        {
            delta.Verify();
        }
    }

    /// <summary>Writes the content into an empty file.</summary>
    /// <exception cref="AgbException">StoreCorrupt: a delta is damaged.</exception>
    internal void CopyTo(Fd target)
    {
        Verify();
        FileCopier.Copy(body, target, deltas.Select(d => d.Size).Append(body.Stat().Size).Min());
        foreach (var delta in deltas)
        {
            delta.ApplyTo(target);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        body.Dispose();
        foreach (var delta in deltas)
        {
            delta.Dispose();
        }
    }
}
