namespace Agb.Store;

/// <summary>Makes layers of older programs, and of engines with user marks, ready for mounts with trusted marks: each opaque directory gets the
/// trusted mark beside its own, which stays for other mounts and for reading. A symlink <c>trusted</c> in the layer's directory says that it
/// was done; a layer without it is walked once, and again if that was cut off. Layers of this program have no opaque directories.</summary>
internal sealed class TrustedLayers(StorePaths paths)
{
    /// <summary>Makes them ready. The caller keeps the layers from being collected.</summary>
    internal void Ensure(IEnumerable<string> layerIds, CancellationToken cancellationToken)
    {
        var missing = layerIds.Distinct(StringComparer.Ordinal).Where(id => !IsNoted(id)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }
        foreach (var id in missing)
        {
            // A layer that is not there is found missing by its mount.
            if (Directory.Exists(paths.LayerTree(id)))
            {
                using var tree = Fd.OpenTree(paths.LayerTree(id));
                Mark(tree, cancellationToken);
            }
        }
        FaultPoint.Reach(FaultPoint.LayersMarked);
        using (var layers = Fd.OpenDirectory(paths.Layers))
        {
            // The marks before the files that say so.
            layers.SyncFileSystem();
        }
        foreach (var id in missing.Where(id => Directory.Exists(paths.Layer(id))))
        {
            Note(paths.Layer(id));
        }
    }

    private bool IsNoted(string layerId) => new FileInfo(paths.LayerTrusted(layerId)).LinkTarget is not null;

    /// <summary>Notes that a layer has nothing that a trusted mount would read otherwise.</summary>
    /// <param name="directory">The layer's directory, wherever it stands.</param>
    internal static void Note(string directory)
    {
        using var layer = Fd.OpenDirectory(directory);
        if (layer.TryStatAt(StorePaths.TrustedName) is null)
        {
            // A symlink, because that needs no flush of its own.
            layer.SymlinkAt("yes", StorePaths.TrustedName);
        }
    }

    private static void Mark(Fd directory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in DirectoryReader.Entries(directory))
        {
            if ((entry.Kind ?? directory.StatAt(entry.Name).Kind) == EntryKind.Directory)
            {
                using var child = directory.OpenDirectoryAt(entry.Name);
                if (Xattrs.IsOpaque(child))
                {
                    Xattrs.TrustOpaque(child);
                }
                Mark(child, cancellationToken);
            }
        }
    }
}
