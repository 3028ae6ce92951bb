namespace Agb.Store;

/// <summary>One entry of a scanned tree.</summary>
/// <param name="Path">Raw, relative to the tree's root; empty for the root itself.</param>
/// <param name="Stat">Its attributes.</param>
/// <param name="Opaque">Whether the entry is an opaque directory: it hides lower layers.</param>
/// <param name="XattrHash">Hash of a directory's <c>user.*</c> attributes, 0 for none. A file's change time covers its
/// attributes, but a directory's also changes with its content.</param>
internal readonly record struct ScannedEntry(string Path, FileStat Stat, bool Opaque, ulong XattrHash = 0)
{
    /// <summary>For a renamed directory: path of its other content in the lower layers (see <see cref="Redirects"/>).</summary>
    internal string? Redirect { get; init; }

    /// <summary>Whether a directory has foreign marks, of an older layer or a program: meaningless in
    /// this tree, but not in a layer.</summary>
    internal bool HasForeignMark { get; init; }

    /// <summary>Path in the lower layers of an entry that came with a renamed directory and exists only there.</summary>
    internal string? StoredAt { get; init; }

    /// <summary>Stored inode common to session and context; 0 if only the content was compared. Stored files never change, so
    /// the same inode in the context means no change.</summary>
    internal ulong StoredIno { get; init; }

    /// <summary>Birth time of that inode, to detect a reuse of its number.</summary>
    internal long StoredBirthNs { get; init; }

    /// <summary>The entry with the inode of its stored file.</summary>
    internal ScannedEntry StoredAs(in FileStat stored) => this with { StoredIno = stored.Ino, StoredBirthNs = stored.BirthNs };

    /// <summary>Whether a stored file is the recorded one.</summary>
    internal bool IsStoredAs(in FileStat stored) =>
        StoredBirthNs != 0 && StoredIno == stored.Ino && StoredBirthNs == stored.BirthNs;
}

/// <summary>Lists a tree, parents before children, in byte order.</summary>
internal sealed class TreeScanner
{
    private readonly OverlayMarks _marks;
    private readonly CancellationToken _cancellationToken;

    private TreeScanner(OverlayMarks marks, CancellationToken cancellationToken)
    {
        _marks = marks;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Scans a tree during possible changes: vanished entries are omitted.</summary>
    /// <param name="root">The tree's root.</param>
    /// <param name="marks">Marks of an overlay's upper directory: 0:0 devices and opaque marks there are deletions; in a plain
    /// directory they are a session's own entries, without meaning.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    internal static List<ScannedEntry> Scan(Fd root, OverlayMarks marks, CancellationToken cancellationToken)
    {
        // The kernel marks no root, but a program in the session may.
        var attributes = Xattrs.Look(root, marks);
        var entries = new List<ScannedEntry> { new("", root.Stat(), false, attributes.Hash) { HasForeignMark = attributes.IsForeign } };
        new TreeScanner(marks, cancellationToken).ScanDirectory(root, "", 0, entries, mayShare: true);
        return entries;
    }

    /// <summary>Refuses too deep entries.</summary>
    /// <exception cref="AgbException">SyncFailed.</exception>
    internal static void RequireDepth(string path, int depth)
    {
        if (depth > TreeDepth.Max)
        {
            throw new AgbException(
                AgbErrorIds.SyncFailed, AgbErrorKind.InvalidInput,
                $"'{BytePath.ToDisplay(path[..Math.Min(path.Length, 100)])}...' lies more than {TreeDepth.Max} directories deep; contexts store no deeper trees.",
                "Remove or flatten it in the session.");
        }
    }

    private void ScanDirectory(Fd directory, string path, int depth, List<ScannedEntry> entries, bool mayShare)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        RequireDepth(path, depth);
        SharedWork.List(DirectoryReader.Names(directory), entries, mayShare, (name, found, mayShareBelow) =>
            ScanEntry(directory, path, name, depth, found, mayShareBelow));
    }

    private void ScanEntry(Fd directory, string path, string name, int depth, List<ScannedEntry> entries, bool mayShare)
    {
        if (directory.TryStatAt(name) is not { } stat)
        {
            return;
        }
        var childPath = BytePath.Join(path, name);
        if (stat.Kind != EntryKind.Directory)
        {
            entries.Add(new ScannedEntry(childPath, stat.InTree(_marks != OverlayMarks.None), false));
            return;
        }
        Fd child;
        try
        {
            child = directory.OpenDirectoryAt(name);
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno))
        {
            // Replaced by the running session since the listing.
            return;
        }
        using (child)
        {
            var attributes = Xattrs.Look(child, _marks);
            entries.Add(new ScannedEntry(childPath, stat, attributes.Opaque, attributes.Hash)
            {
                Redirect = attributes.Redirect,
                HasForeignMark = attributes.IsForeign,
            });
            ScanDirectory(child, childPath, depth + 1, entries, mayShare);
        }
    }
}
