namespace Agb.Store;

/// <summary>Hides in a layer what lies below one of its directories, by a whiteout for each name. An opaque mark would do the same at once,
/// but is of one kind of mount, and a mount of the other kind would show it to programs, or bring back what it hides.</summary>
internal static class Hiding
{
    /// <summary>Hides it. The directory's mode and time stay as they are.</summary>
    /// <param name="directory">A directory of a layer that is being made.</param>
    /// <param name="below">What lies below it.</param>
    /// <returns>How many whiteouts were made.</returns>
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

    /// <summary>Turns the opaque marks of a staged tree into whiteouts.</summary>
    /// <param name="staged">The mount's origin in the staged layer.</param>
    /// <param name="head">The same place in the context's newest version.</param>
    /// <param name="paths">The directories that may have a mark.</param>
    /// <returns>How many whiteouts were made.</returns>
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
                // Last: a tree that goes back to its session must say the same at any instant.
                Xattrs.ClearOpaque(directory);
            }
        }
        return made;
    }

    /// <summary>Changes what is in a directory and puts its mode and time back as they were.</summary>
    internal static void Change(Fd directory, Action change)
    {
        const uint ownerAll = 0x1C0;
        var stat = directory.Stat();
        if ((stat.Permissions & ownerAll) != ownerAll)
        {
            directory.Chmod(stat.Permissions | ownerAll);
        }
        change();
        EntryCopier.FinishDirectory(directory, stat);
    }
}
