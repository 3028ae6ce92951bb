namespace Agb.Store;

/// <summary>Makes a layer durable before the catalog names it.</summary>
internal static class LayerFlush
{
    /// <summary>Up to so many entries are flushed one by one; for more, one flush of the whole file system is faster,
    /// though it also waits for what others wrote (syncfs(2)).</summary>
    private const int OneByOne = 16;

    /// <summary>Flushes a layer that stands in its place, and the directory that names it.</summary>
    /// <param name="layers">The directory of layers, opened before anything of this one was written: a flush of the file system tells of
    /// what went wrong since its descriptor was opened (syncfs(2), Linux 5.8).</param>
    /// <param name="layerId">The layer.</param>
    /// <param name="entries">How many entries it has.</param>
    internal static void Flush(Fd layers, string layerId, int entries)
    {
        if (entries > OneByOne)
        {
            layers.SyncFileSystem();
            return;
        }
        using (var layer = layers.OpenDirectoryAt(layerId))
        {
            FlushTree(layer);
        }
        layers.Sync();
    }

    private static void FlushTree(Fd directory)
    {
        foreach (var name in DirectoryReader.Names(directory))
        {
            var stat = directory.StatAt(name);
            switch (stat.Kind)
            {
                case EntryKind.Directory:
                    using (var child = directory.OpenDirectoryAt(name))
                    {
                        FlushTree(child);
                    }
                    break;
                case EntryKind.File:
                case EntryKind.Whiteout when stat.IsAttributeMark:
                    using (var file = directory.OpenReadAt(name))
                    {
                        file.Sync();
                    }
                    break;
                default:
                    // Symlinks, FIFOs and devices are all metadata, which the directory's flush covers.
                    break;
            }
        }
        directory.Sync();
    }
}
