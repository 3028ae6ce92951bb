namespace Agb.Store;

/// <summary>Hides the lower content of a layer's directory by a whiteout for each name. An opaque mark would do the same at
/// once, but belongs to one kind of mount: a mount of the other kind would show the mark, or the hidden content.</summary>
internal static class Hiding
{
    /// <summary>Hides the lower content. The directory's mode and time stay unchanged.</summary>
    /// <param name="directory">A directory of a staged layer.</param>
    /// <param name="below">The view of the lower layers.</param>
    /// <returns>Number of new whiteouts.</returns>
    internal static int Hide(Fd directory, MergedDirectory below)
    {
        var entries = below.Entries();
        if (entries.Count == 0)
        {
            return 0;
        }
        var made = 0;
        Change(directory, () =>
        {
            foreach (var (name, there) in entries)
            {
                if (directory.TryStatAt(name) is not { } mine)
                {
                    directory.WhiteoutAt(name);
                    made++;
                }
                else if (mine.Kind == EntryKind.Directory && there.Kind == EntryKind.Directory)
                {
                    using var child = directory.OpenDirectoryAt(name);
                    using var belowChild = below.OpenChild(name);
                    made += Hide(child, belowChild);
                }
            }
        });
        return made;
    }

    /// <summary>Converts the opaque marks of a staged tree into whiteouts.</summary>
    /// <param name="staged">The mount's origin in the staged layer.</param>
    /// <param name="head">The same place in the context's newest version.</param>
    /// <param name="paths">Directories with a possible mark.</param>
    /// <returns>Number of new whiteouts.</returns>
    internal static int Resolve(Fd staged, MergedDirectory head, IEnumerable<string> paths)
    {
        var made = 0;
        using var cursor = new DirectoryCursor(staged);
        foreach (var path in paths)
        {
            var directory = cursor.At(path);
            if (Xattrs.IsOpaque(directory))
            {
                using var below = head.OpenPath(path);
                made += Hide(directory, below);
                // Last: the tree may return to its session, and must have the same meaning at any instant.
                Xattrs.ClearOpaque(directory);
            }
        }
        return made;
    }

    /// <summary>Changes the content of a directory, and restores its mode and time.</summary>
    internal static void Change(Fd directory, Action change)
    {
        var stat = directory.Stat();
        if ((stat.Permissions & FileModes.OwnerAll) != FileModes.OwnerAll)
        {
            directory.Chmod(stat.Permissions | FileModes.OwnerAll);
        }
        change();
        EntryCopier.FinishDirectory(directory, stat);
    }
}
