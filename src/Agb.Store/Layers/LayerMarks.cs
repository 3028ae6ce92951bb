namespace Agb.Store;

/// <summary>Which form the whiteouts of a store have: devices wherever they can be made, else files with a mark (<see cref="AttributeMarks"/>).
/// All readers know both; overlays get devices alone.</summary>
internal static class LayerMarks
{
    private const string FileName = "marks";

    /// <summary>Tries what the file system of a store takes. A store that needs the second form says so in its format from then on.</summary>
    internal static void Choose(StorePaths paths)
    {
        var name = $"probe-{Guid.NewGuid():n}";
        using var home = Fd.OpenDirectory(paths.Home);
        if (Posix.MknodAt(home.Number, Raw.Z(name), Posix.S_IFCHR, 0) == 0)
        {
            home.UnlinkAt(name);
        }
        else if (AttributeMarks.IsRefusal(System.Runtime.InteropServices.Marshal.GetLastPInvokeError()))
        {
            StoreFormat.Raise(paths);
            AttributeMarks.AreAllowed = true;
        }
    }

    /// <summary>Notes beside a layer's tree that it may have whiteouts of the second form.</summary>
    internal static void Note(string layerDirectory)
    {
        using var layer = Fd.OpenDirectory(layerDirectory);
        layer.CreateAt(FileName).Dispose();
    }

    /// <summary>Makes a layer fit to be mounted: files with a mark become devices. What the layer says stays the same, and so do its sums. A process
    /// that dies midway leaves a layer that reads as before, for the next one to go on with.</summary>
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
        using (var tree = layer.OpenDirectoryAt("tree"))
        {
            ConvertDirectory(tree, "", $".agb-{layerId}", times, cancellationToken);
        }
        layer.SyncFileSystem();
        layer.UnlinkAt(FileName);
    }

    private static void ConvertDirectory(
        Fd directory, string path, string draft, Dictionary<string, long> times, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hadMarks = AttributeMarks.Has(directory);
        foreach (var name in DirectoryReader.Names(directory))
        {
            var stat = directory.StatAt(name);
            if (stat.Kind == EntryKind.Directory)
            {
                using var child = directory.OpenDirectoryAt(name);
                ConvertDirectory(child, Raw.Join(path, name), draft, times, cancellationToken);
            }
            else if (stat.Kind == EntryKind.Whiteout && name == draft)
            {
                directory.UnlinkAt(name);
            }
            else if (stat.IsAttributeMark)
            {
                directory.WhiteoutAt(draft);
                directory.RenameAt(draft, directory, name);
            }
        }
        if (hadMarks)
        {
            AttributeMarks.Clear(directory);
            if (times.TryGetValue(path, out var time))
            {
                directory.SetMtime(time);
            }
        }
    }
}
