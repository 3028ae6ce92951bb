namespace Agb.Engine;

/// <summary>Progress of a running sync. It is written to the catalog for observers in any process, but only a few times a second:
/// a sync of many small files must not become one of many transactions.</summary>
internal sealed class SyncProgress(EngineParts parts, SyncTasks tasks, MountRow mount, AgbSyncTaskType type, DateTimeOffset? registered)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(250);

    // Several threads report progress concurrently.
    private readonly Lock _gate = new();
    private long _written = parts.Time.GetTimestamp();
    private long _files;
    private long _bytes;

    /// <summary>Sets the expected totals.</summary>
    internal void Expect(long files, long bytes) =>
        parts.Catalog.WriteLazily(tx => tasks.Expect(tx, mount, type, files, bytes, registered));

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
        if (parts.Time.GetElapsedTime(_written) >= s_every)
        {
            parts.Catalog.WriteLazily(tx => tasks.Progress(tx, mount, type, _files, _bytes, registered));
            _written = parts.Time.GetTimestamp();
        }
    }
}
