namespace Agb.Engine;

/// <summary>What a running sync has moved so far. It is written to the catalog, for whoever watches the task from any
/// process, a few times a second at most: a sync of many small files must not become one of many transactions.</summary>
internal sealed class SyncProgress(EngineParts parts, SyncTasks tasks, MountRow mount, AgbSyncTaskType type, DateTimeOffset? registered)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(250);

    // Several threads move files at a time.
    private readonly Lock _gate = new();
    private long _written = parts.Time.GetTimestamp();
    private long _files;
    private long _bytes;

    /// <summary>So much is to be moved in all.</summary>
    internal void Expect(long files, long bytes) =>
        parts.Catalog.WriteLazily(tx => tasks.Expect(tx, mount, type, files, bytes, registered));

    /// <summary>A part of a file was moved.</summary>
    internal void AddBytes(long count)
    {
        lock (_gate)
        {
            _bytes = ByteSum.Add(_bytes, count);
            WriteWhenDue();
        }
    }

    /// <summary>A file was added, changed or deleted.</summary>
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
