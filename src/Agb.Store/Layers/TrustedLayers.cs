namespace Agb.Store;

/// <summary>Prepares layers of older programs, and of engines with user marks, for mounts with trusted marks: each opaque
/// directory gets the trusted mark as well; its own stays for other mounts and for readers. A symlink <c>trusted</c> in the
/// layer's directory records completion; a layer without it is walked once, and again after an interruption. Layers of this
/// program have no opaque directories.</summary>
internal sealed class TrustedLayers(StorePaths paths)
{
    /// <summary>Prepares layers. The caller protects them from garbage collection.</summary>
    internal void Ensure(IEnumerable<string> layerIds, CancellationToken cancellationToken)
    {
        var missing = layerIds.Distinct(StringComparer.Ordinal).Where(id => !IsNoted(id)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }
        foreach (var id in missing)
        {
            // A missing layer is reported by its mount.
            if (Directory.Exists(paths.LayerTree(id)))
            {
                using var tree = Fd.OpenTree(paths.LayerTree(id));
                new TreeWalker(cancellationToken) { Enter = Mark }.Walk(tree);
            }
        }
        FaultPoint.Reach(FaultPoint.LayersMarked);
        using (var layers = Fd.OpenDirectory(paths.Layers))
        {
            // The marks before the record of them.
            layers.SyncFileSystem();
        }
        foreach (var id in missing.Where(id => Directory.Exists(paths.Layer(id))))
        {
            Note(paths.Layer(id));
        }
    }

    private bool IsNoted(string layerId) => new FileInfo(paths.LayerTrusted(layerId)).LinkTarget is not null;

    /// <summary>Notes a layer as ready for trusted mounts.</summary>
    /// <param name="directory">The layer's current directory.</param>
    internal static void Note(string directory)
    {
        using var layer = Fd.OpenDirectory(directory);
        if (layer.TryStatAt(StorePaths.TrustedName) is null)
        {
            // A symlink needs no separate flush.
            layer.SymlinkAt("yes", StorePaths.TrustedName);
        }
    }

    private static void Mark(Fd directory)
    {
        if (Xattrs.IsOpaque(directory))
        {
            Xattrs.TrustOpaque(directory);
        }
    }
}
