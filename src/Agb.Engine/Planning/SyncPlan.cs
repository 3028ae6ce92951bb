namespace Agb.Engine;

/// <summary>Operation of an upload on one path.</summary>
internal enum SyncOperation
{
    /// <summary>Store a file, symlink or FIFO.</summary>
    Put,

    /// <summary>Store a directory's attributes, and keep its stored contents.</summary>
    PutDirectory,

    /// <summary>Store a directory in place of the stored entry.</summary>
    ReplaceDirectory,

    /// <summary>Delete the stored entry.</summary>
    Delete,
}

/// <summary>Reason of a sync step.</summary>
internal enum SyncReason
{
    Added,
    Changed,
    Deleted,
}

/// <summary>One step of an upload.</summary>
internal readonly record struct SyncStep(string Path, SyncOperation Operation, SyncReason Reason, FileStat Stat);

/// <summary>Plan of an upload, made without changes.</summary>
internal sealed class SyncPlan
{
    private Dictionary<string, string>? _storedAt;

    /// <summary>The steps, parents before children, deletions last.</summary>
    internal List<SyncStep> Steps { get; } = [];

    /// <summary>Unstorable entries, such as sockets: one line each.</summary>
    internal List<string> Skipped { get; } = [];

    /// <summary>Entries of the tree outside the white list.</summary>
    internal List<ScannedEntry> Unlisted { get; } = [];

    /// <summary>Entries of the tree outside the upload: copied up by overlayfs but unchanged, or not storable.
    /// An upload that adopts the tree removes them from it.</summary>
    internal List<ScannedEntry> LeftOut { get; } = [];

    /// <summary>Whether directories of earlier versions were renamed in the tree, recorded in its upper directory only by
    /// marks.</summary>
    internal bool HasRenames { get; set; }

    /// <summary>Whether at least two names of one file are stored.</summary>
    internal bool HasLinks => Steps.Where(s => s is { Operation: SyncOperation.Put, Stat: { Kind: EntryKind.File, Nlink: > 1 } })
        .GroupBy(s => s.Stat.Ino).Any(g => g.Skip(1).Any());

    /// <summary>The whole scanned tree, renames resolved, parents before children.</summary>
    internal required IReadOnlyList<ScannedEntry> Current { get; init; }

    /// <summary>Entries at another path in the lower layers, because a parent directory was renamed: their paths there.</summary>
    internal IReadOnlyDictionary<string, string> StoredAt => _storedAt ??= Current.Where(e => e.StoredAt is not null)
        .ToDictionary(e => e.Path, e => e.StoredAt!, StringComparer.Ordinal);

    /// <summary>The manifest of the tree, as the base of the next upload.</summary>
    internal required Manifest Manifest { get; init; }

    /// <summary>The manifest of the tree at the previous upload.</summary>
    internal required Manifest Previous { get; init; }

    /// <summary>Leaves an entry that could not be stored to the next upload, with its manifest entry from before this upload.
    /// Without a manifest entry its deletion would be lost.</summary>
    internal void LeaveToNext(string path)
    {
        if (Previous.Find(path) is { } before)
        {
            Manifest.Set(before);
        }
        else
        {
            Manifest.Remove(path);
        }
    }

    internal long FilesAdded { get; set; }

    internal long FilesChanged { get; set; }

    /// <summary>The deleted stored files, also those in deleted directories.</summary>
    internal List<string> DeletedFiles { get; } = [];

    /// <summary>Deletions not mirrored by the policy.</summary>
    internal List<KeptPath> Kept { get; } = [];

    internal long FilesDeleted => DeletedFiles.Count;

    internal long Bytes { get; set; }

    internal long Files => FilesAdded + FilesChanged + FilesDeleted;
}

/// <summary>The stored tree, as the session saw it when it was created.</summary>
internal interface IStoredTree
{
    /// <summary>Whether the manifest describes exactly this tree, so common entries can be compared with the stored tree; after
    /// an upload the stored entry may be older.</summary>
    bool IsFirstManifest { get; }

    /// <summary>The stored entry, or null.</summary>
    FileStat? Lookup(string path);

    /// <summary>Whether a stored entry equals the entry in the session's tree in content and attributes.</summary>
    bool IsIdentical(ScannedEntry entry, FileStat stored);

    /// <summary>Whether the context itself has an entry. Files unpacked for the session are not stored, so their deletion deletes
    /// nothing.</summary>
    bool IsInContext(string path) => true;

    /// <summary>The paths of all stored files (not directories) at or below a path.</summary>
    IEnumerable<string> FilesAtOrBelow(string path);
}
