namespace Agb.Store;

/// <summary>Makes a layer durable before the catalog names it.</summary>
internal static class LayerFlush
{
    /// <summary>Most entries flushed one by one; above that, one flush of the whole file system is faster, although it includes
    /// writes of other processes (syncfs(2)).</summary>
    private const int OneByOne = 16;

    /// <summary>Flushes a committed layer, and the directory with its name.</summary>
    /// <param name="layers">The directory of layers, opened before any write of this layer: a flush of the file system reports
    /// errors since the open of its descriptor (syncfs(2), Linux 5.8).</param>
    /// <param name="layerId">The layer.</param>
    /// <param name="entries">Number of entries.</param>
    internal static void Flush(Fd layers, string layerId, int entries)
    {
        if (entries > OneByOne)
        {
            layers.SyncFileSystem();
            return;
        }
        using (var layer = layers.OpenDirectoryAt(layerId))
        {
            new TreeWalker { Visit = FlushEntry, Leave = (directory, _) => directory.Sync() }.Walk(layer);
        }
        layers.Sync();
    }

    // Symlinks, FIFOs and devices are pure metadata, covered by the directory's flush.
    private static void FlushEntry(Fd directory, string name, string path)
    {
        var stat = directory.StatAt(name);
        if (stat.Kind == EntryKind.File || stat.IsAttributeMark)
        {
            using var file = directory.OpenReadAt(name);
            file.Sync();
        }
    }
}
