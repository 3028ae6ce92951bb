namespace Agb.Engine;

/// <summary>Progress of a running sync. It is recorded for observers in any process, but only a few times a second:
/// a sync of many small files must not become one of many transactions.</summary>
/// <param name="time">The clock.</param>
/// <param name="expect">Records the expected files and bytes.</param>
/// <param name="record">Records the moved files and bytes.</param>
internal sealed class SyncProgress(TimeProvider time, Action<long, long> expect, Action<long, long> record)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(250);

    // Several threads report progress concurrently.
    private readonly Lock _gate = new();
    private long _written = time.GetTimestamp();
    private long _files;
    private long _bytes;

    /// <summary>Sets the expected totals.</summary>
    internal void Expect(long files, long bytes) => expect(files, bytes);

    /// <summary>Adds bytes of a file.</summary>
    internal void AddBytes(long count)
    {
        lock (_gate)
        {
            _bytes = ByteSum.Add(_bytes, count);
            WriteWhenDue();
        }
    }

    /// <summary>Adds an added, changed or deleted file.</summary>
    internal void AddFile()
    {
        lock (_gate)
        {
            _files++;
            WriteWhenDue();
        }
    }

    private void WriteWhenDue()
    {
        if (time.GetElapsedTime(_written) >= s_every)
        {
            record(_files, _bytes);
            _written = time.GetTimestamp();
        }
    }
}
