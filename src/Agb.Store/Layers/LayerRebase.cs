namespace Agb.Store;

/// <summary>Rebases a staged layer onto versions made by other sessions since this one last saw the context. Files need no
/// change: the later upload wins. A deleted or replaced directory would also hide additions of other sessions, so its mark
/// becomes whiteouts of only the entries known to this session. A directory with nothing but such marks is dropped after its
/// deletion by other sessions, or it would return empty.</summary>
/// <param name="seen">Entries known to this session.</param>
/// <param name="stored">Paths with content stored by the upload.</param>
internal sealed class LayerRebase(BaseTree seen, IReadOnlySet<string> stored)
{
    /// <summary>Rewrites the marks of a staged tree.</summary>
    /// <param name="staged">The mount's origin in the staged layer.</param>
    /// <param name="head">The same place in the context's newest version.</param>
    internal void Apply(Fd staged, MergedDirectory head) => Hiding.Change(staged, () => Visit(staged, head, ""));

    private void Visit(Fd staged, MergedDirectory head, string path)
    {
        foreach (var name in DirectoryReader.Names(staged))
        {
            var childPath = BytePath.Join(path, name);
            var stat = staged.StatAt(name);
            if (stat.Kind == EntryKind.Whiteout)
            {
                NarrowWhiteout(staged, name, childPath, head);
            }
            else if (stat.Kind == EntryKind.Directory && VisitDirectory(staged, name, childPath, head))
            {
                staged.RmdirAt(name);
            }
        }
    }

    /// <returns>Whether the directory has no meaning any more.</returns>
    private bool VisitDirectory(Fd staged, string name, string path, MergedDirectory head)
    {
        using var child = staged.OpenDirectoryAt(name);
        using var headChild = head.OpenChild(name);
        if (Xattrs.IsOpaque(child))
        {
            Hiding.Change(child, () => NarrowOpaque(child, path, headChild));
            return false;
        }
        Hiding.Change(child, () => Visit(child, headChild, path));
        return !headChild.Exists && !stored.Contains(path) && DirectoryReader.Names(child).Count == 0;
    }

    private void NarrowWhiteout(Fd staged, string name, string path, MergedDirectory head)
    {
        if (head.Lookup(name) is not { } there)
        {
            // Deleted by another session already.
            staged.UnlinkAt(name);
            return;
        }
        var wasDirectory = seen.IsDirectory(path);
        if (there.Kind != EntryKind.Directory)
        {
            if (wasDirectory)
            {
                // Another session put a file where this one deleted a directory.
                staged.UnlinkAt(name);
            }
            return;
        }
        if (!wasDirectory)
        {
            // Another session put a directory where this one deleted a file.
            staged.UnlinkAt(name);
            return;
        }
        using var headChild = head.OpenChild(name);
        if (!HasUnseen(headChild, path))
        {
            return;
        }
        var stat = headChild.Stat();
        staged.UnlinkAt(name);
        staged.MkdirAt(name);
        using var child = staged.OpenDirectoryAt(name);
        SessionOwner.ChownToSession(child);
        WhiteoutSeen(child, path, headChild);
        EntryCopier.FinishDirectory(child, stat);
    }

    private void NarrowOpaque(Fd staged, string path, MergedDirectory head)
    {
        foreach (var (name, there) in head.Entries())
        {
            var childPath = BytePath.Join(path, name);
            if (staged.TryStatAt(name) is { } mine)
            {
                if (mine.Kind == EntryKind.Directory && there.Kind == EntryKind.Directory)
                {
                    using var child = staged.OpenDirectoryAt(name);
                    using var headChild = head.OpenChild(name);
                    Xattrs.SetOpaque(child);
                    Hiding.Change(child, () => NarrowOpaque(child, childPath, headChild));
                }
                else if (mine.Kind == EntryKind.Whiteout)
                {
                    NarrowWhiteout(staged, name, childPath, head);
                }
            }
            else if (seen.Has(childPath))
            {
                staged.WhiteoutAt(name);
                NarrowWhiteout(staged, name, childPath, head);
            }
        }
        // Last: the tree may return to its session, and must have the same meaning at any instant.
        Xattrs.ClearOpaque(staged);
    }

    private void WhiteoutSeen(Fd staged, string path, MergedDirectory head)
    {
        foreach (var (name, _) in head.Entries())
        {
            var childPath = BytePath.Join(path, name);
            if (seen.Has(childPath))
            {
                staged.WhiteoutAt(name);
                NarrowWhiteout(staged, name, childPath, head);
            }
        }
    }

    private bool HasUnseen(MergedDirectory head, string path)
    {
        foreach (var (name, stat) in head.Entries())
        {
            var childPath = BytePath.Join(path, name);
            if (!seen.Has(childPath))
            {
                return true;
            }
            if (stat.Kind == EntryKind.Directory)
            {
                using var child = head.OpenChild(name);
                if (HasUnseen(child, childPath))
                {
                    return true;
                }
            }
        }
        return false;
    }
}
