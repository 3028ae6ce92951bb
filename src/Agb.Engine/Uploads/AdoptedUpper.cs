namespace Agb.Engine;

/// <summary>A session's tree moved into a layer.</summary>
internal static class AdoptedUpper
{
    /// <summary>The layer's entries without their content. The scanned tree can't have changed since, because all processes of
    /// the session have ended.</summary>
    /// <param name="layerDirectory">The parent directory of the layer's <c>tree</c>.</param>
    /// <param name="origin">The path of the tree in the layer.</param>
    /// <param name="found">The scanned tree, parents before children.</param>
    internal static IReadOnlyList<LayerEntry> Entries(string layerDirectory, string[] origin, IReadOnlyList<ScannedEntry> found)
    {
        using var layer = Fd.OpenTree(Path.Combine(layerDirectory, "tree"));
        using var cursor = new DirectoryCursor(layer);
        var entries = new List<LayerEntry>(found.Count + origin.Length);
        // The parent directories, and the root itself, because it has a new parent.
        for (var depth = 0; depth <= origin.Length; depth++)
        {
            var path = string.Join('/', origin[..depth]);
            var directory = cursor.At(path);
            entries.Add(LayerWalk.OfDirectory(path, directory.Stat(), directory));
        }
        var root = entries[^1].Path;
        foreach (var (path, stat, _, xattrHash) in found.Skip(1))
        {
            var inLayer = BytePath.Join(root, path);
            entries.Add(stat.Kind switch
            {
                EntryKind.Directory =>
                    // Opaque marks have been replaced by whiteouts.
                    new LayerEntry
                    {
                        Path = inLayer, Kind = stat.Kind, Mode = stat.Permissions, MtimeNs = stat.MtimeNs, XattrHash = xattrHash, Target = "",
                    },
                EntryKind.Symlink => LayerWalk.OfOther(inLayer, stat, cursor.At(BytePath.DirectoryOf(inLayer)), BytePath.NameOf(inLayer)),
                _ => LayerWalk.OfOther(inLayer, stat, layer, ""),
            });
        }
        return entries;
    }

    /// <summary>Moves the tree back from any stage of the upload; does nothing if it was not moved yet.</summary>
    internal static void GiveBack(StorePaths paths, string layerId, MountRow row, string treePath)
    {
        if (Directory.Exists(treePath))
        {
            return;
        }
        foreach (var layer in (string[])[paths.Layer(layerId), paths.Staged(layerId)])
        {
            if (!Directory.Exists(layer))
            {
                continue;
            }
            LargeStaging.GiveBack(paths, layer);
            using var root = Fd.OpenDirectory(layer);
            using var cursor = new DirectoryCursor(root);
            using var mount = Fd.OpenDirectory(Path.GetDirectoryName(treePath)!);
            var inLayer = BytePath.Join("tree", BytePath.FromRoot(row.Origin)).TrimEnd('/');
            cursor.At(BytePath.DirectoryOf(inLayer)).MoveDirectoryAt(BytePath.NameOf(inLayer), mount, Path.GetFileName(treePath));
            return;
        }
    }
}
