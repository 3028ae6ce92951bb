namespace Agb.Engine;

/// <summary>A session's tree and its state at the last agreement of session and context. The session may be changing
/// it.</summary>
/// <param name="live">The session's view.</param>
/// <param name="tree">The session's changes, in an overlay; else the same.</param>
/// <param name="known">The state at the last agreement.</param>
/// <param name="stored">The stored tree, for comparison.</param>
/// <param name="marks">The marks of the tree, if it is an overlay's upper directory.</param>
/// <param name="mirrorsDeletions">Whether an upload mirrors the session's deletions.</param>
internal sealed class SessionView(
    Fd live, ChangeTrees tree, Manifest known, StoredTree stored, OverlayMarks marks, bool mirrorsDeletions) : ISessionTree
{
    private readonly bool _isOverlay = marks != OverlayMarks.None;

    // As they were before the download; its own changes are recorded separately.
    private ILookup<ulong, string>? _names;

    /// <inheritdoc/>
    public FileStat? Lookup(string path) => Stat(live, path);

    /// <inheritdoc/>
    public IReadOnlyList<string> Names(string path)
    {
        using var cursor = new DirectoryCursor(live);
        return DirectoryReader.Names(cursor.At(path));
    }

    /// <inheritdoc/>
    public ulong XattrHash(string path)
    {
        using var cursor = new DirectoryCursor(live);
        return Xattrs.Hash(cursor.At(path));
    }

    /// <inheritdoc/>
    public ScannedEntry? FindEqual(string path, FileStat now) =>
        InTree(path) is { } before && before.Kind == now.Kind && stored.IsIdentical(new ScannedEntry(path, before, false), now)
            ? new ScannedEntry(path, before, false)
            : null;

    /// <inheritdoc/>
    public bool IsUntouched(string path)
    {
        var now = InTree(path);
        if (known.Find(path) is { } before)
        {
            if (_isOverlay && before.Stat.CtimeNs == Redirects.StoredCtimeNs)
            {
                // It came with a directory's rename, and exists only in the lower layers while it is unchanged.
                return now is null && Lookup(path) is { } shown && shown.Kind == before.Stat.Kind;
            }
            // Overlayfs makes all whiteouts of a mount links to one inode, so each deletion changes the time of all of them.
            return now is { } s && s.Kind == before.Stat.Kind
                && (s.Kind == EntryKind.Whiteout || (s.Ino == before.Stat.Ino && s.CtimeNs == before.Stat.CtimeNs));
        }
        // No entry in an overlay's upper directory: the session sees the lower one.
        return now is null;
    }

    /// <inheritdoc/>
    public bool IsKnownDeleted(string path)
    {
        if (!mirrorsDeletions)
        {
            return false;
        }
        if (!_isOverlay)
        {
            // A copy's first manifest has all given entries, later ones the state after an upload.
            return known.Find(path) is null;
        }
        // Hidden by a whiteout or a file at its path or above it, or by an opaque directory above.
        for (var at = path; ; at = BytePath.DirectoryOf(at))
        {
            switch (known.Find(at))
            {
                case { Stat.Kind: EntryKind.Directory } directory:
                    if (at == path || directory.Opaque)
                    {
                        return at != path;
                    }
                    break;
                case { } other:
                    return at != path || other.Stat.Kind == EntryKind.Whiteout;
            }
            if (at.Length == 0)
            {
                return false;
            }
        }
    }

    /// <summary>Records that session and context agree on a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="now">The context's entry; null for a directory or no entry.</param>
    internal void Know(string path, FileStat? now = null)
    {
        if (InTree(path) is { } stat)
        {
            var entry = stat.Kind == EntryKind.Directory ? DirectoryEntry(path, stat) : new ScannedEntry(path, stat, false);
            known.Set(now is { } file ? entry.StoredAs(file) : entry);
        }
        else
        {
            known.Remove(path);
        }
    }

    /// <summary>Records an equal file, unless the session has changed it since the comparison.</summary>
    internal bool Know(AgreedFile agreed)
    {
        if (InTree(agreed.Entry.Path) is not { } stat || !stat.IsUnchanged(agreed.Entry.Stat) || IsTooYoung(stat))
        {
            return false;
        }
        known.Set(agreed.Entry.StoredAs(agreed.Stored));
        return true;
    }

    /// <summary>The other known, untouched names of a file. Removal of one name changes the change time of all names.</summary>
    internal IReadOnlyList<string> NamesBeside(string path)
    {
        if (InTree(path) is not { Kind: EntryKind.File, Nlink: > 1 } stat)
        {
            return [];
        }
        _names ??= known.Entries.Where(e => e.Stat.Kind == EntryKind.File).ToLookup(e => e.Stat.Ino, e => e.Path);
        return [.. _names[stat.Ino].Where(n => n != path && InTree(n) is { } there && there.Ino == stat.Ino && IsUntouched(n))];
    }

    /// <summary>Records a name's new change time, unless the session has written to the file since.</summary>
    internal void KnowStillUntouched(string path)
    {
        if (known.Find(path) is { } before && InTree(path) is { } now
            && now.Ino == before.Stat.Ino && now.Size == before.Stat.Size && now.MtimeNs == before.Stat.MtimeNs && now.Mode == before.Stat.Mode)
        {
            known.Set(before with { Stat = now });
        }
    }

    private static bool IsTooYoung(in FileStat stat) => !TimestampGranularity.IsFine
        && stat.CtimeNs > (TimeProvider.System.GetUtcNow() - TimestampGranularity.Tick - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    // Some kernels mark every new directory of an overlay opaque; an upload must not take this for a change of the session.
    private ScannedEntry DirectoryEntry(string path, FileStat stat)
    {
        var attributes = tree.Look(path, marks);
        return new ScannedEntry(path, stat, attributes.Opaque || attributes.Redirect is not null, attributes.Hash);
    }

    private FileStat? InTree(string path) => tree.Stat(path)?.InTree(_isOverlay);

    private static FileStat? Stat(Fd root, string path)
    {
        if (path.Length == 0)
        {
            return root.Stat();
        }
        using var cursor = new DirectoryCursor(root);
        try
        {
            return cursor.At(BytePath.DirectoryOf(path)).TryStatAt(BytePath.NameOf(path));
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno))
        {
            return null;
        }
    }
}
