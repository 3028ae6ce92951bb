namespace Agb.Store;

/// <summary>Finds the changed blocks of a large file in several threads. Common holes are not read: a session can make a file of
/// exabytes without data.</summary>
internal sealed class LargeDiff
{
    private const int Block = 4096;

    // Both sides fit into a core's cache.
    private const int Piece = 128 * Block;

    private const int MostThreads = 4;

    private readonly Fd _file;
    private readonly LargeContent _other;
    private readonly LargeDeltaWriter _writer;
    private readonly long _size;
    private readonly Lock _lock = new();
    private long _next;
    private volatile bool _isFull;

    private LargeDiff(Fd file, long size, LargeContent other, LargeDeltaWriter writer)
    {
        (_file, _size, _other, _writer) = (file, size, other, writer);
    }

    /// <summary>Writes the changed blocks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="size">Its size.</param>
    /// <param name="other">The content to compare with.</param>
    /// <param name="writer">Receives the blocks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False if they exceed the writer's limit.</returns>
    internal static bool TryWrite(Fd file, long size, LargeContent other, LargeDeltaWriter writer, CancellationToken cancellationToken)
    {
        var diff = new LargeDiff(file, size, other, writer);
        var threads = Math.Clamp(Environment.ProcessorCount, 1, MostThreads);
        try
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => diff.Run(cancellationToken));
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return !diff._isFull;
    }

    private void Run(CancellationToken cancellationToken)
    {
        var (mine, theirs) = (GC.AllocateUninitializedArray<byte>(Piece), GC.AllocateUninitializedArray<byte>(Piece));
        while (!_isFull && NextPiece() is { } offset)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var length = (int)Math.Min(Piece, _size - offset);
            // A session may truncate the file meanwhile.
            mine.AsSpan(0, length)[_file.Read(mine.AsSpan(0, length), offset)..].Clear();
            _other.Read(theirs.AsSpan(0, length), offset);
            Compare(mine.AsSpan(0, length), theirs.AsSpan(0, length), offset);
        }
    }

    private void Compare(ReadOnlySpan<byte> mine, ReadOnlySpan<byte> theirs, long offset)
    {
        if (mine.SequenceEqual(theirs))
        {
            return;
        }
        for (var start = 0; start < mine.Length;)
        {
            var end = start;
            while (end < mine.Length && !Same(mine, theirs, end))
            {
                end = Math.Min(mine.Length, end + Block);
            }
            if (end > start && !_writer.TryAppend(offset + start, mine[start..end]))
            {
                _isFull = true;
                return;
            }
            start = end == start ? Math.Min(mine.Length, start + Block) : end;
        }

        static bool Same(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int at)
        {
            var length = Math.Min(Block, a.Length - at);
            return a.Slice(at, length).SequenceEqual(b.Slice(at, length));
        }
    }

    private long? NextPiece()
    {
        lock (_lock)
        {
            var (mine, theirs) = (_file.NextData(_next), _other.NextData(_next));
            var data = mine is null || theirs < mine ? theirs : mine;
            if (data is not { } found || found >= _size)
            {
                return null;
            }
            var offset = Math.Max(_next, found / Piece * Piece);
            _next = offset + Piece;
            return offset;
        }
    }
}
