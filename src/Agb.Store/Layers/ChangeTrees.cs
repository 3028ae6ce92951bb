namespace Agb.Store;

/// <summary>The changes of a session: its own tree, on top of the fork layers under it. One view for the difference to the last
/// upload.</summary>
internal sealed class ChangeTrees : IDisposable
{
    private readonly Fd _own;
    private readonly IReadOnlyList<Fd> _forks;
    private readonly DirectoryCursor? _single;
    private readonly MergedDirectory? _root;
    private readonly PathCursor<MergedDirectory>? _merged;

    /// <summary>Creates the view.</summary>
    /// <param name="own">The session's tree; the caller closes it.</param>
    /// <param name="forks">The fork layers, topmost first; owned by this view.</param>
    /// <param name="marks">The marks in them.</param>
    internal ChangeTrees(Fd own, IReadOnlyList<Fd>? forks = null, OverlayMarks marks = OverlayMarks.None)
    {
        (_own, _forks) = (own, forks ?? []);
        if (_forks.Count == 0)
        {
            _single = new DirectoryCursor(own);
            return;
        }
        _root = MergedDirectory.OfTrees([own, .. _forks], directory => Xattrs.Look(directory, marks).Opaque);
        _merged = new PathCursor<MergedDirectory>(_root, (parent, name, _) => parent.OpenChild(name));
    }

    /// <summary>Opens the changes of a mount.</summary>
    /// <param name="paths">The store.</param>
    /// <param name="row">The mount.</param>
    /// <param name="own">The session's tree; the caller closes it.</param>
    internal static ChangeTrees Open(StorePaths paths, MountRow row, Fd own) =>
        new(own, [.. ForkLayers.Trees(paths, row.Forks, row.Name).Select(Fd.OpenTree)], row.Kind == MountKind.TrustedOverlay ? OverlayMarks.Trusted : OverlayMarks.User);

    /// <summary>The session's own tree.</summary>
    internal Fd Own => _own;

    /// <summary>Whether fork layers lie under the session's tree.</summary>
    internal bool HasForks => _forks.Count > 0;

    /// <summary>Lists the changes, parents before children, with renames resolved.</summary>
    /// <param name="marks">Marks of the trees.</param>
    /// <param name="previous">The tree at the last upload.</param>
    /// <param name="below">The view under all changes.</param>
    /// <param name="hasRenames">Whether directories of the view below were renamed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal IReadOnlyList<ScannedEntry> Scan(
        OverlayMarks marks, Manifest previous, Func<MergedDirectory> below, out bool hasRenames, CancellationToken cancellationToken)
    {
        // Only the lowest tree has renames: an overlay over fork layers makes none.
        var lowest = TreeScanner.Scan(_forks.Count > 0 ? _forks[^1] : _own, marks, cancellationToken);
        var found = Redirects.Resolve(lowest, previous, below, cancellationToken);
        hasRenames = !ReferenceEquals(found, lowest);
        for (var i = _forks.Count - 2; i >= -1 && _forks.Count > 0; i--)
        {
            found = ChangeMerge.Over(TreeScanner.Scan(i < 0 ? _own : _forks[i], marks, cancellationToken), found);
        }
        return found;
    }

    /// <summary>Opens a directory of the topmost tree with it; valid until the next call.</summary>
    internal Fd At(string path)
    {
        if (_single is not null)
        {
            return _single.At(path);
        }
        var directory = _merged!.At(path);
        return directory.Exists ? directory.Topmost : throw new PosixException("open", BytePath.Join(_own.Path, path), Errno.ENOENT);
    }

    /// <summary>Opens the directory of an entry, in the topmost tree with the entry; valid until the next call.</summary>
    internal Fd HolderOf(string path)
    {
        if (_single is not null)
        {
            return _single.At(BytePath.DirectoryOf(path));
        }
        var directory = _merged!.At(BytePath.DirectoryOf(path));
        var holder = directory.HolderIndexOf(BytePath.NameOf(path));
        return holder >= 0 ? directory.Layers[holder] : throw new PosixException("open", BytePath.Join(_own.Path, path), Errno.ENOENT);
    }

    /// <summary>Whether an entry is in the session's own tree.</summary>
    internal bool IsOwn(string path)
    {
        if (_single is not null)
        {
            return true;
        }
        var directory = _merged!.At(BytePath.DirectoryOf(path));
        var holder = directory.HolderIndexOf(BytePath.NameOf(path));
        return holder >= 0 && directory.Ordinals[holder] == 0;
    }

    /// <summary>The attributes of an entry, also of a whiteout; null if no tree has it.</summary>
    internal FileStat? Stat(string path)
    {
        if (path.Length == 0)
        {
            return _own.Stat();
        }
        try
        {
            return HolderOf(path).TryStatAt(BytePath.NameOf(path));
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno))
        {
            return null;
        }
    }

    /// <summary>The attributes of a directory, with the opaque mark of any of the trees.</summary>
    internal DirectoryAttributes Look(string path, OverlayMarks marks)
    {
        if (_single is not null)
        {
            return Xattrs.Look(_single.At(path), marks);
        }
        var attributes = Xattrs.Look(At(path), marks);
        return attributes.Opaque ? attributes : attributes with { Opaque = Xattrs.Look(_merged!.At(path).Layers[^1], marks).Opaque };
    }

    /// <summary>The changes on top of another view, as one view.</summary>
    /// <param name="below">The view; owned by the result.</param>
    internal MergedDirectory Over(MergedDirectory below)
    {
        foreach (var tree in _forks.Reverse().Append(_own))
        {
            below = MergedDirectory.Over(tree.OpenDirectoryAt("."), below);
        }
        return below;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _single?.Dispose();
        _merged?.Dispose();
        foreach (var fork in _forks)
        {
            fork.Dispose();
        }
    }
}

/// <summary>Merges lists of changes.</summary>
internal static class ChangeMerge
{
    /// <summary>Puts the changes of an overlay's upper directory on top of those of the layer under it.</summary>
    /// <param name="top">The upper directory, parents before children.</param>
    /// <param name="below">The layer, in the same order.</param>
    internal static List<ScannedEntry> Over(IReadOnlyList<ScannedEntry> top, IReadOnlyList<ScannedEntry> below)
    {
        var found = new List<ScannedEntry>(top.Count + below.Count);
        string? hidden = null;
        var (i, j) = (0, 0);
        while (i < top.Count || j < below.Count)
        {
            var order = i == top.Count ? 1 : j == below.Count ? -1 : Compare(top[i].Path, below[j].Path);
            if (order > 0)
            {
                var lower = below[j++];
                if (hidden is null || !BytePath.IsAtOrBelow(lower.Path, hidden))
                {
                    found.Add(lower);
                }
                continue;
            }
            var upper = top[i++];
            var isHidden = hidden is not null && BytePath.IsAtOrBelow(upper.Path, hidden);
            var same = order == 0 ? below[j++] : (ScannedEntry?)null;
            var meets = isHidden ? null : same;
            if (upper.Stat.Kind != EntryKind.Directory || upper.Opaque || meets is { Stat.Kind: not EntryKind.Directory })
            {
                hidden = isHidden ? hidden : upper.Path;
            }
            // A directory in place of a deleted or replaced entry hides the stored one too.
            found.Add(upper.Stat.Kind == EntryKind.Directory && meets is { } met && (met.Opaque || met.Stat.Kind != EntryKind.Directory)
                ? upper with { Opaque = true }
                : upper);
        }
        return found;
    }

    // The order of a scan: a directory's entries follow it at once.
    private static int Compare(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            if (a[i] != b[i])
            {
                return a[i] == '/' ? -1 : b[i] == '/' ? 1 : a[i] - b[i];
            }
        }
        return a.Length - b.Length;
    }
}
