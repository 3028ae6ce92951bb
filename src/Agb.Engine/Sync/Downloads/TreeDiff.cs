using Agb.Engine.Native;
using Agb.Engine.Store;

namespace Agb.Engine.Sync.Downloads;

/// <summary>Lists what differs between what a session was given and what is stored now. Directories that consist of the same
/// layers are not read, so the cost follows what was uploaded meanwhile.</summary>
/// <param name="all">List what is the same too.</param>
/// <param name="compareContent">Whether two files of equal attributes may be the same though they are not one file: in trees
/// that were unpacked.</param>
/// <param name="cancellationToken">Cancels the walk.</param>
internal sealed class TreeDiff(bool all, bool compareContent, CancellationToken cancellationToken)
{
    /// <summary>The differences: directories before what is in them, those that are gone after it.</summary>
    internal IEnumerable<TreeDifference> Between(MergedDirectory old, MergedDirectory wanted) => Visit(old, wanted, "");

    private IEnumerable<TreeDifference> Visit(MergedDirectory old, MergedDirectory wanted, string path)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!all && old.Paths.SequenceEqual(wanted.Paths))
        {
            yield break;
        }
        var before = old.Entries().ToDictionary(e => e.Name, e => e.Stat, StringComparer.Ordinal);
        foreach (var (name, stat) in wanted.Entries())
        {
            FileStat? was = before.Remove(name, out var found) ? found : null;
            var child = Raw.Join(path, name);
            if (stat.Kind == EntryKind.Directory)
            {
                yield return new(child, was, stat, false);
                using var oldChild = old.OpenChild(name);
                using var wantedChild = wanted.OpenChild(name);
                foreach (var difference in Visit(oldChild, wantedChild, child))
                {
                    yield return difference;
                }
                continue;
            }
            var isSame = was is { } w && IsSame(old, wanted, name, w, stat);
            if (all || !isSame)
            {
                yield return new(child, was, stat, isSame);
            }
        }
        foreach (var (name, stat) in before)
        {
            foreach (var difference in Gone(old, name, Raw.Join(path, name), stat))
            {
                yield return difference;
            }
        }
    }

    private static IEnumerable<TreeDifference> Gone(MergedDirectory old, string name, string path, FileStat was)
    {
        if (was.Kind == EntryKind.Directory)
        {
            using var directory = old.OpenChild(name);
            foreach (var (childName, stat) in directory.Entries())
            {
                foreach (var difference in Gone(directory, childName, Raw.Join(path, childName), stat))
                {
                    yield return difference;
                }
            }
        }
        yield return new(path, was, null, false);
    }

    private bool IsSame(MergedDirectory old, MergedDirectory wanted, string name, FileStat was, FileStat now)
    {
        if (was.Ino == now.Ino && was.Device == now.Device)
        {
            return true;
        }
        if (!compareContent || was.Kind != now.Kind || was.Mode != now.Mode || was.Size != now.Size || was.MtimeNs != now.MtimeNs)
        {
            return false;
        }
        var (a, b) = (old.HolderOf(name), wanted.HolderOf(name));
        if (now.Kind == EntryKind.Symlink)
        {
            return a.ReadLinkAt(name) == b.ReadLinkAt(name);
        }
        if (now.Kind != EntryKind.File)
        {
            return true;
        }
        using var x = a.OpenReadAt(name);
        using var y = b.OpenReadAt(name);
        return FileComparer.SameContent(x, y);
    }
}
