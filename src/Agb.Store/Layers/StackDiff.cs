namespace Agb.Store;

/// <summary>Counts how one merged tree differs from another. Layers that both have at the bottom are not looked into: a name
/// that only they hold is the same in both. So the cost follows the difference, not the size of the trees.</summary>
internal sealed class StackDiff
{
    private readonly CancellationToken _cancellationToken;

    private StackDiff(CancellationToken cancellationToken) => _cancellationToken = cancellationToken;

    /// <summary>Files that only the later tree has.</summary>
    internal long Added { get; private set; }

    /// <summary>Files that both have, with other content or attributes.</summary>
    internal long Changed { get; private set; }

    /// <summary>Files that only the earlier tree has.</summary>
    internal long Deleted { get; private set; }

    /// <summary>Bytes in the added and changed files.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Bytes that the changed and deleted files had.</summary>
    internal long BytesRemoved { get; private set; }

    /// <summary>Directories that only one of the trees has.</summary>
    internal long Directories { get; private set; }

    /// <summary>Whether nothing was added, changed or deleted.</summary>
    internal bool IsEmpty => Added + Changed + Deleted + Directories == 0;

    /// <summary>Counts.</summary>
    internal static StackDiff Measure(MergedDirectory before, MergedDirectory after, CancellationToken cancellationToken)
    {
        var diff = new StackDiff(cancellationToken);
        diff.Visit(before, after);
        return diff;
    }

    private void Visit(MergedDirectory before, MergedDirectory after)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var (old, now) = (before.Layers, after.Layers);
        var common = 0;
        while (common < old.Count && common < now.Count && old[^(common + 1)].Path == now[^(common + 1)].Path)
        {
            common++;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var layer in old.Take(old.Count - common).Concat(now.Take(now.Count - common)))
        {
            names.UnionWith(DirectoryReader.Names(layer));
        }
        foreach (var name in names)
        {
            Compare(before, after, name);
        }
    }

    private void Compare(MergedDirectory before, MergedDirectory after, string name)
    {
        var (was, now) = (before.Lookup(name), after.Lookup(name));
        var (wasDirectory, isDirectory) = (was?.Kind == EntryKind.Directory, now?.Kind == EntryKind.Directory);
        if (was is { } gone && !wasDirectory && (now is null || isDirectory))
        {
            Deleted++;
            BytesRemoved = ByteSum.Add(BytesRemoved, Size(gone));
        }
        else if (now is { } come && !isDirectory && (was is null || wasDirectory))
        {
            Added++;
            Bytes = ByteSum.Add(Bytes, Size(come));
        }
        else if (was is { } old && now is { } file && !isDirectory && (old.Ino != file.Ino || old.Device != file.Device))
        {
            Changed++;
            Bytes = ByteSum.Add(Bytes, Size(file));
            BytesRemoved = ByteSum.Add(BytesRemoved, Size(old));
        }
        if (!wasDirectory && !isDirectory)
        {
            return;
        }
        Directories += wasDirectory != isDirectory ? 1 : 0;
        using var oldChild = wasDirectory ? before.OpenChild(name) : MergedDirectory.Empty();
        using var newChild = isDirectory ? after.OpenChild(name) : MergedDirectory.Empty();
        Visit(oldChild, newChild);
    }

    private static long Size(FileStat stat) => stat.Kind == EntryKind.File ? stat.Size : 0;
}
