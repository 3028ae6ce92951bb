namespace Agb.Store;

/// <summary>The large files of a staged layer: their contents leave its tree, or are written as deltas. Without a commit all of them are
/// removed, or given back.</summary>
internal sealed class LargeStaging(StorePaths paths, string layerId)
{
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private int _made;

    /// <summary>Whether the layer has contents of its own.</summary>
    internal bool HasContents => _made > 0;

    /// <summary>Begins a content of the layer.</summary>
    /// <returns>Its id.</returns>
    internal string NewId()
    {
        if (_made == 0)
        {
            StoreFormat.Raise(paths, StoreFormat.WithLargeFiles);
            Directory.CreateDirectory(paths.Large, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        return FormattableString.Invariant($"{layerId}.{_made++}");
    }

    /// <summary>Notes the content of a placeholder in the tree.</summary>
    /// <param name="path">The path in the tree, raw.</param>
    /// <param name="id">The content, of this layer or an older one.</param>
    internal void Note(string path, string id) => _ids[path] = id;

    /// <summary>Takes the contents of large files out of the staged tree, by renames. Files with several names in the tree stay.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="layerDirectory">The directory above it.</param>
    /// <param name="present">Paths of all its large files.</param>
    internal void Extract(Fd tree, string layerDirectory, IReadOnlyCollection<string> present)
    {
        foreach (var gone in _ids.Keys.Except(present, StringComparer.Ordinal).ToArray())
        {
            _ids.Remove(gone);
        }
        using var cursor = new DirectoryCursor(tree);
        var taken = present.Where(p => !_ids.ContainsKey(p))
            .GroupBy(p => cursor.At(BytePath.DirectoryOf(p)).StatAt(BytePath.NameOf(p)).Ino)
            .Where(g => g.Count() == 1).Select(g => (Path: g.Single(), Id: NewId())).ToArray();
        foreach (var (path, id) in taken)
        {
            Note(path, id);
        }
        if (_ids.Count == 0)
        {
            return;
        }
        // Before the first rename, for a return of the tree to its session.
        new LargeIndex(_ids).Save(layerDirectory);
        using var large = Fd.OpenDirectory(paths.Large);
        foreach (var (path, id) in taken)
        {
            Change(cursor.At(BytePath.DirectoryOf(path)), BytePath.NameOf(path), (directory, name) =>
            {
                directory.RenameAt(name, large, id);
                FaultPoint.Reach(FaultPoint.LargeFileTaken);
                using var content = large.OpenReadAt(id);
                MakePlaceholder(content, content.Stat(), directory, name);
            });
        }
    }

    /// <summary>Makes a placeholder: a hole with the size and attributes of a file.</summary>
    internal static void MakePlaceholder(Fd file, in FileStat stat, Fd directory, string name)
    {
        using var placeholder = directory.CreateAt(name);
        placeholder.Truncate(stat.Size);
        FileCopier.CopyAttributes(file, placeholder, stat);
    }

    /// <summary>Puts the contents back into an uncommitted layer's tree.</summary>
    internal static void GiveBack(StorePaths paths, string layerDirectory)
    {
        if (LargeIndex.Load(layerDirectory) is not { Ids.Count: > 0 } index)
        {
            return;
        }
        using var large = Fd.OpenDirectory(paths.Large);
        using var tree = Fd.OpenTree(Path.Combine(layerDirectory, "tree"));
        using var cursor = new DirectoryCursor(tree);
        foreach (var (path, id) in index.Ids.Where(e => large.TryStatAt(e.Value) is not null))
        {
            Change(cursor.At(BytePath.DirectoryOf(path)), BytePath.NameOf(path), (directory, name) => large.RenameAt(id, directory, name));
        }
    }

    /// <summary>Makes the contents of the layer durable.</summary>
    internal void Flush()
    {
        if (_made == 0)
        {
            return;
        }
        using var large = Fd.OpenDirectory(paths.Large);
        foreach (var name in NamesOf(large, layerId))
        {
            using var file = large.OpenReadAt(name);
            file.Sync();
        }
        large.Sync();
    }

    /// <summary>Removes the contents of an uncommitted layer.</summary>
    internal static void Remove(StorePaths paths, string layerId)
    {
        if (!Directory.Exists(paths.Large))
        {
            return;
        }
        using var large = Fd.OpenDirectory(paths.Large);
        foreach (var name in NamesOf(large, layerId).ToArray())
        {
            large.UnlinkAt(name);
        }
    }

    private static IEnumerable<string> NamesOf(Fd large, string layerId) =>
        DirectoryReader.Names(large).Where(n => n.StartsWith(layerId + ".", StringComparison.Ordinal));

    /// <summary>Changes a name in a directory, whose mode and time stay.</summary>
    private static void Change(Fd directory, string name, Action<Fd, string> change)
    {
        var stat = directory.Stat();
        if ((stat.Permissions & FileModes.OwnerAll) != FileModes.OwnerAll)
        {
            directory.Chmod(stat.Permissions | FileModes.OwnerAll);
        }
        change(directory, name);
        directory.Chmod(stat.Permissions);
        directory.SetMtime(stat.MtimeNs);
    }
}
