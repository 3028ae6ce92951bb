namespace Agb.Store;

/// <summary>One entry of a scanned tree.</summary>
/// <param name="Path">Raw, relative to the tree's root; empty for the root itself.</param>
/// <param name="Stat">Its attributes.</param>
/// <param name="Opaque">Whether it is a directory that hides what lower layers hold.</param>
/// <param name="XattrHash">Of a directory: a hash of its <c>user.*</c> attributes, 0 for none. A file's change time tells
/// as much, but a directory's also changes with what is in it.</param>
internal readonly record struct ScannedEntry(string Path, FileStat Stat, bool Opaque, ulong XattrHash = 0)
{
    /// <summary>Of a directory that was renamed: where the layers below hold the rest of it (see <see cref="Redirects"/>).</summary>
    internal string? Redirect { get; init; }

    /// <summary>Of a directory: whether it has marks, of an older layer or a program, that mean nothing in this tree, but would in a layer.</summary>
    internal bool HasForeignMark { get; init; }

    /// <summary>Of an entry that came with a directory's rename: its path in the layers below, which alone have it.</summary>
    internal string? StoredAt { get; init; }

    /// <summary>The inode in the store that session and context agreed on, 0 when only their content was compared. Stored files
    /// never change, so as long as the context shows this one, nothing is new.</summary>
    internal ulong StoredIno { get; init; }

    /// <summary>When that inode was made; it tells it from a later one of the same number.</summary>
    internal long StoredBirthNs { get; init; }

    /// <summary>The entry with what the store has in its place.</summary>
    internal ScannedEntry StoredAs(in FileStat stored) => this with { StoredIno = stored.Ino, StoredBirthNs = stored.BirthNs };

    /// <summary>Whether a stored file is the one that was agreed on.</summary>
    internal bool IsStoredAs(in FileStat stored) =>
        StoredBirthNs != 0 && StoredIno == stored.Ino && StoredBirthNs == stored.BirthNs;
}

/// <summary>Lists a tree, parents before children, in byte order.</summary>
internal static class TreeScanner
{
    /// <summary>Scans a tree that may be changing: what vanishes meanwhile is left out.</summary>
    /// <param name="root">The tree's root.</param>
    /// <param name="marks">The marks of an overlay's upper directory, in which 0:0 devices and opaque marks are deletions; in a plain
    /// directory they are what a session put there, and mean nothing.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    internal static List<ScannedEntry> Scan(Fd root, OverlayMarks marks, CancellationToken cancellationToken)
    {
        // The kernel marks no root, but a program in the session may.
        var attributes = Xattrs.Look(root, marks);
        var entries = new List<ScannedEntry> { new("", root.Stat(), false, attributes.Hash) { HasForeignMark = attributes.IsForeign } };
        ScanDirectory(root, "", 0, marks, entries, true, cancellationToken);
        return entries;
    }

    /// <summary>Refuses what lies too deep.</summary>
    /// <exception cref="AgbException">SyncFailed.</exception>
    internal static void RequireDepth(string path, int depth)
    {
        if (depth > TreeDepth.Max)
        {
            throw new AgbException(
                AgbErrorIds.SyncFailed, AgbErrorKind.InvalidInput,
                $"'{Raw.ToDisplay(path[..Math.Min(path.Length, 100)])}...' lies more than {TreeDepth.Max} directories deep; contexts store no deeper trees.",
                "Remove or flatten it in the session.");
        }
    }

    private static void ScanDirectory(
        Fd directory, string path, int depth, OverlayMarks marks, List<ScannedEntry> entries, bool mayShare, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RequireDepth(path, depth);
        SharedWork.List(DirectoryReader.Names(directory), entries, mayShare, (name, found, mayShareBelow) =>
            ScanEntry(directory, path, name, depth, marks, found, mayShareBelow, cancellationToken));
    }

    private static void ScanEntry(
        Fd directory, string path, string name, int depth, OverlayMarks marks, List<ScannedEntry> entries, bool mayShare,
        CancellationToken cancellationToken)
    {
        if (directory.TryStatAt(name) is not { } stat)
        {
            return;
        }
        var childPath = Raw.Join(path, name);
        if (stat.Kind != EntryKind.Directory)
        {
            entries.Add(new ScannedEntry(childPath, stat.InTree(marks != OverlayMarks.None), false));
            return;
        }
        Fd child;
        try
        {
            child = directory.OpenDirectoryAt(name);
        }
        catch (PosixException e) when (e.Errno is PosixException.ENOENT or PosixException.ENOTDIR or PosixException.ELOOP)
        {
            // A running session replaced it since the listing.
            return;
        }
        using (child)
        {
            var attributes = Xattrs.Look(child, marks);
            entries.Add(new ScannedEntry(childPath, stat, attributes.Opaque, attributes.Hash)
            {
                Redirect = attributes.Redirect,
                HasForeignMark = attributes.IsForeign,
            });
            ScanDirectory(child, childPath, depth + 1, marks, entries, mayShare, cancellationToken);
        }
    }
}
