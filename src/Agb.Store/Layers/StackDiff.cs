namespace Agb.Store;

/// <summary>Counts the differences between two merged trees. Shared bottom layers are skipped: a name found only in them is the
/// same in both trees. So the cost depends on the difference, not on the size of the trees.</summary>
internal sealed class StackDiff
{
    private readonly CancellationToken _cancellationToken;

    private StackDiff(CancellationToken cancellationToken) => _cancellationToken = cancellationToken;

    /// <summary>Files only in the later tree.</summary>
    internal long Added { get; private set; }

    /// <summary>Files in both trees, with other content or attributes.</summary>
    internal long Changed { get; private set; }

    /// <summary>Files only in the earlier tree.</summary>
    internal long Deleted { get; private set; }

    /// <summary>Bytes in the added and changed files.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Earlier bytes of the changed and deleted files.</summary>
    internal long BytesRemoved { get; private set; }

    /// <summary>Directories in only one of the trees.</summary>
    internal long Directories { get; private set; }

    /// <summary>Whether nothing was added, changed or deleted.</summary>
    internal bool IsEmpty => Added + Changed + Deleted + Directories == 0;

    /// <summary>A version with these differences to the one before.</summary>
    internal VersionRow ToVersion(string contextId, DateTimeOffset createdAt, AgbVersionOrigin origin, string stack = "") => new()
    {
        ContextId = contextId,
        CreatedAt = createdAt,
        Origin = origin,
        FilesAdded = Added,
        FilesChanged = Changed,
        FilesDeleted = Deleted,
        Bytes = Bytes,
        BytesRemoved = BytesRemoved,
        Stack = stack,
    };

    /// <summary>Counts the differences.</summary>
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
