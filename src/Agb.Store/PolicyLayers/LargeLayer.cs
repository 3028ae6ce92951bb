namespace Agb.Store;

/// <summary>Layer of one mount with hard links to whole large files, on top of the stored layers, where these have placeholders. A link
/// keeps the file from any change while it is mounted.</summary>
internal static class LargeLayer
{
    /// <summary>Makes the layer of a new mount, if its version has large files at its origin.</summary>
    /// <exception cref="AgbException">StoreCorrupt, NoSpace.</exception>
    internal static void Make(StorePaths paths, MountRow row, CancellationToken cancellationToken)
    {
        var version = new LayerTrees(paths, row.Stack);
        var origin = BytePath.FromRoot(row.Origin);
        var found = Find(paths, version, origin);
        if (found.Count == 0)
        {
            return;
        }
        using var stored = version.OpenOrigin(row.Origin);
        using var writer = new PolicyLayerWriter(paths.LargeLayer(row.SessionId, row.Name), stored);
        foreach (var path in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var directory = stored.OpenPath(BytePath.DirectoryOf(path));
            Link(paths, directory, BytePath.NameOf(path), writer.At(BytePath.DirectoryOf(path)));
        }
        writer.Finish();
    }

    /// <summary>Paths of a version's large files below an origin, relative to it.</summary>
    private static List<string> Find(StorePaths paths, LayerTrees version, string origin)
    {
        var named = version.Layers.SelectMany(id => LargeIndex.OfLayer(paths, id).Ids.Keys)
            .Where(p => p != origin && BytePath.IsAtOrBelow(p, origin)).ToHashSet(StringComparer.Ordinal);
        if (named.Count == 0)
        {
            return [];
        }
        using var root = version.Open();
        return [.. named.Order(StringComparer.Ordinal).Where(IsVisible).Select(p => origin.Length == 0 ? p : p[(origin.Length + 1)..])];

        bool IsVisible(string path)
        {
            using var directory = root.OpenPath(BytePath.DirectoryOf(path));
            var name = BytePath.NameOf(path);
            return directory.Lookup(name) is { Kind: EntryKind.File } && directory.LargeIdOf(name) is not null;
        }
    }

    private static void Link(StorePaths paths, MergedDirectory from, string name, Fd to)
    {
        var (files, id) = (new LargeFiles(paths), from.LargeIdOf(name)!);
        using var large = files.OpenDirectory();
        while (true)
        {
            try
            {
                if (large.TryLinkAt(id, to, name))
                {
                    return;
                }
                // Too many links to one file (EMLINK).
                EntryCopier.Copy(from, name, EntryKind.File, to, name);
                return;
            }
            catch (PosixException e) when (e.Errno == Errno.ENOENT)
            {
                new LargeMoves(paths).MakeWhole(id);
            }
        }
    }
}
