namespace Agb.Store;

/// <summary>Form of a store's whiteouts: devices if possible, else files with a mark (<see cref="AttributeMarks"/>). All
/// readers know both; overlays support only devices.</summary>
internal static class LayerMarks
{
    private const string FileName = "marks";

    /// <summary>Tests the abilities of the store's file system. Use of the second form raises the store's format
    /// permanently.</summary>
    internal static void Choose(StorePaths paths)
    {
        var name = $"probe-{Guid.NewGuid():n}";
        using var home = Fd.OpenDirectory(paths.Home);
        if (Posix.MknodAt(home.Number, BytePath.Z(name), Posix.S_IFCHR, 0) == 0)
        {
            home.UnlinkAt(name);
        }
        else if (AttributeMarks.IsRefusal(System.Runtime.InteropServices.Marshal.GetLastPInvokeError()))
        {
            StoreFormat.Raise(paths, StoreFormat.WithMarks);
            AttributeMarks.AreAllowed = true;
        }
    }

    /// <summary>Notes possible whiteouts of the second form, in a file beside the layer's tree.</summary>
    internal static void Note(string layerDirectory)
    {
        using var layer = Fd.OpenDirectory(layerDirectory);
        layer.CreateAt(FileName).Dispose();
    }

    /// <summary>Prepares a layer for mounts: files with a mark become devices. The meaning of the layer and its sums stay the
    /// same. After a crash midway, the layer still reads as before, and the next process continues.</summary>
    internal static void Convert(StorePaths paths, string layerId, CancellationToken cancellationToken)
    {
        var note = Path.Combine(paths.Layer(layerId), FileName);
        if (!File.Exists(note))
        {
            return;
        }
        using var alone = FileLock.AcquireAsync(paths.MarksLock, TimeProvider.System, cancellationToken).GetAwaiter().GetResult();
        if (!File.Exists(note))
        {
            return;
        }
        var times = LayerSums.Load(paths.Layer(layerId))?.Entries.Where(e => e.Kind == EntryKind.Directory)
            .ToDictionary(e => e.Path, e => e.MtimeNs, StringComparer.Ordinal) ?? [];
        using var layer = Fd.OpenDirectory(paths.Layer(layerId));
        var draft = $".agb-{layerId}";
        using (var tree = layer.OpenDirectoryAt("tree"))
        {
            new TreeWalker(cancellationToken)
            {
                Visit = (directory, name, _) => ConvertEntry(directory, name, draft),
                Leave = (directory, path) => ClearMark(directory, path, times),
            }.Walk(tree);
        }
        layer.SyncFileSystem();
        layer.UnlinkAt(FileName);
    }

    private static void ConvertEntry(Fd directory, string name, string draft)
    {
        var stat = directory.StatAt(name);
        if (stat.Kind == EntryKind.Whiteout && name == draft)
        {
            directory.UnlinkAt(name);
        }
        else if (stat.IsAttributeMark)
        {
            directory.WhiteoutAt(draft);
            directory.RenameAt(draft, directory, name);
        }
    }

    private static void ClearMark(Fd directory, string path, Dictionary<string, long> times)
    {
        if (AttributeMarks.Has(directory))
        {
            AttributeMarks.Clear(directory);
            if (times.TryGetValue(path, out var time))
            {
                directory.SetMtime(time);
            }
        }
    }
}
