namespace Agb.Engine;

/// <summary>Lists differences between the tree given to a session and the tree stored now, and entries agreed on since.
/// Directories of the same layers are read only for agreed entries, so the cost depends on the size of the uploads.</summary>
/// <param name="all">List equal entries too.</param>
/// <param name="compareContent">Compare the contents of different files with equal attributes: for unpacked trees.</param>
/// <param name="known">Entries agreed on since the session got its tree.</param>
/// <param name="cancellationToken">Cancels the walk.</param>
internal sealed class TreeDiff(bool all, bool compareContent, KnownPaths known, CancellationToken cancellationToken)
{
    /// <summary>One directory in both trees.</summary>
    /// <param name="Old">The directory in the tree given to the session.</param>
    /// <param name="Wanted">The directory in the tree stored now.</param>
    /// <param name="Path">Its path.</param>
    /// <param name="Every">Whether equal entries are listed too.</param>
    private readonly record struct Pair(MergedDirectory Old, MergedDirectory Wanted, string Path, bool Every);

    /// <summary>The differences, starting with the root: directories before their contents, deleted ones after them.</summary>
    internal IEnumerable<TreeDifference> Between(MergedDirectory old, MergedDirectory wanted) =>
        new Pair(old, wanted, "", all) is var root && wanted.Exists ? Directory(root) : Visit(root);

    private IEnumerable<TreeDifference> Directory(Pair pair)
    {
        var (old, wanted) = (pair.Old, pair.Wanted);
        yield return new(pair.Path, old.Exists ? old.Stat() : null, wanted.Stat(), old.Paths.SequenceEqual(wanted.Paths))
        {
            WasXattrs = old.Exists ? Xattrs.Hash(old.Topmost) : 0,
            NowXattrs = Xattrs.Hash(wanted.Topmost),
        };
        foreach (var difference in Visit(pair))
        {
            yield return difference;
        }
    }

    private IEnumerable<TreeDifference> Visit(Pair pair)
    {
        var (old, wanted, path) = (pair.Old, pair.Wanted, pair.Path);
        cancellationToken.ThrowIfCancellationRequested();
        if (!pair.Every && old.Paths.SequenceEqual(wanted.Paths))
        {
            foreach (var name in known.In(path))
            {
                if (wanted.Lookup(name) is { } stat)
                {
                    foreach (var difference in Entry(pair, name, old.Lookup(name), stat))
                    {
                        yield return difference;
                    }
                }
            }
            yield break;
        }
        var before = old.Entries().ToDictionary(e => e.Name, e => e.Stat, StringComparer.Ordinal);
        foreach (var (name, stat) in wanted.Entries())
        {
            FileStat? was = before.Remove(name, out var found) ? found : null;
            foreach (var difference in Entry(pair, name, was, stat))
            {
                yield return difference;
            }
        }
        foreach (var (name, stat) in before)
        {
            foreach (var difference in Gone(old, name, BytePath.Join(path, name), stat))
            {
                yield return difference;
            }
        }
    }

    private IEnumerable<TreeDifference> Entry(Pair pair, string name, FileStat? was, FileStat now)
    {
        var path = BytePath.Join(pair.Path, name);
        if (now.Kind == EntryKind.Directory)
        {
            using var oldChild = pair.Old.OpenChild(name);
            using var wantedChild = pair.Wanted.OpenChild(name);
            foreach (var difference in Directory(new Pair(oldChild, wantedChild, path, pair.Every || known.Hides(path))))
            {
                // A former file can't be opened as a directory.
                yield return difference.Path == path ? difference with { Was = was } : difference;
            }
            yield break;
        }
        var isSame = was is { } w && IsSame(pair, name, w, now);
        if (!isSame || pair.Every || known.Has(path))
        {
            yield return new(path, was, now, isSame);
        }
    }

    private static IEnumerable<TreeDifference> Gone(MergedDirectory old, string name, string path, FileStat was)
    {
        if (was.Kind == EntryKind.Directory)
        {
            using var directory = old.OpenChild(name);
            foreach (var (childName, stat) in directory.Entries())
            {
                foreach (var difference in Gone(directory, childName, BytePath.Join(path, childName), stat))
                {
                    yield return difference;
                }
            }
        }
        yield return new(path, was, null, false);
    }

    private bool IsSame(Pair pair, string name, FileStat was, FileStat now)
    {
        if (was.Ino == now.Ino && was.Device == now.Device)
        {
            return true;
        }
        if (!compareContent || was.Kind != now.Kind || was.Mode != now.Mode || was.Size != now.Size || was.MtimeNs != now.MtimeNs)
        {
            return false;
        }
        var (a, b) = (pair.Old.HolderOf(name), pair.Wanted.HolderOf(name));
        if (now.Kind == EntryKind.Symlink)
        {
            return a.ReadLinkAt(name) == b.ReadLinkAt(name);
        }
        if (now.Kind != EntryKind.File)
        {
            return true;
        }
        using var x = pair.Old.OpenRead(name);
        using var y = pair.Wanted.OpenRead(name);
        return Xattrs.Hash(x) == Xattrs.Hash(y) && FileComparer.SameContent(x, y);
    }
}
