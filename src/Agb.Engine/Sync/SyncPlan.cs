namespace Agb.Engine;

/// <summary>What an upload does with one path.</summary>
internal enum SyncOperation
{
    /// <summary>Store a file, symlink or FIFO.</summary>
    Put,

    /// <summary>Store a directory's attributes; what is stored below it stays.</summary>
    PutDirectory,

    /// <summary>Store a directory in place of what was stored there.</summary>
    ReplaceDirectory,

    /// <summary>Delete what is stored there.</summary>
    Delete,
}

/// <summary>Why.</summary>
internal enum SyncReason
{
    Added,
    Changed,
    Deleted,
}

/// <summary>One step of an upload.</summary>
internal readonly record struct SyncStep(string Path, SyncOperation Operation, SyncReason Reason, FileStat Stat);

/// <summary>What an upload is going to do; made without touching anything.</summary>
internal sealed class SyncPlan
{
    private Dictionary<string, string>? _storedAt;

    /// <summary>The steps, parents before children, deletions last.</summary>
    internal List<SyncStep> Steps { get; } = [];

    /// <summary>What contexts don't store, such as sockets: a line each.</summary>
    internal List<string> Skipped { get; } = [];

    /// <summary>Entries of the tree that the white list does not cover.</summary>
    internal List<ScannedEntry> Unlisted { get; } = [];

    /// <summary>Paths in the tree that are not part of the upload: copied up by overlayfs but unchanged, or not storable.
    /// An upload that takes the tree over removes them from it.</summary>
    internal List<ScannedEntry> LeftOut { get; } = [];

    /// <summary>Whether directories of earlier versions were renamed in the tree, which its upper directory says by marks alone.</summary>
    internal bool HasRenames { get; set; }

    /// <summary>Whether two names of one file are stored.</summary>
    internal bool HasLinks => Steps.Where(s => s is { Operation: SyncOperation.Put, Stat: { Kind: EntryKind.File, Nlink: > 1 } })
        .GroupBy(s => s.Stat.Ino).Any(g => g.Skip(1).Any());

    /// <summary>The whole tree as it was found, renames resolved, parents before children.</summary>
    internal required IReadOnlyList<ScannedEntry> Current { get; init; }

    /// <summary>Entries that the layers below the tree have at another path, because a directory above them was renamed: where.</summary>
    internal IReadOnlyDictionary<string, string> StoredAt => _storedAt ??= Current.Where(e => e.StoredAt is not null)
        .ToDictionary(e => e.Path, e => e.StoredAt!, StringComparer.Ordinal);

    /// <summary>What the tree looked like, for the next upload to start from.</summary>
    internal required Manifest Manifest { get; init; }

    /// <summary>What the tree looked like at the upload before.</summary>
    internal required Manifest Previous { get; init; }

    /// <summary>Has the next upload look at an entry again: it could not be stored, so for that one it is as it was before
    /// this upload. Forgetting it altogether would lose its deletion.</summary>
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

    /// <summary>The stored files that are deleted, also by the deletion of a directory above them.</summary>
    internal List<string> DeletedFiles { get; } = [];

    /// <summary>Deletions that the policy does not mirror.</summary>
    internal List<KeptPath> Kept { get; } = [];

    internal long FilesDeleted => DeletedFiles.Count;

    internal long Bytes { get; set; }

    internal long Files => FilesAdded + FilesChanged + FilesDeleted;
}

/// <summary>What is stored, as the session saw it when it was created.</summary>
internal interface IStoredTree
{
    /// <summary>Whether the manifest describes just this tree, so that an entry of both can be compared with what is
    /// stored; after an upload the stored entry may be an older one.</summary>
    bool IsFirstManifest { get; }

    /// <summary>The stored entry, or null.</summary>
    FileStat? Lookup(string path);

    /// <summary>Whether a stored entry equals the one in the session's tree in content and attributes.</summary>
    bool IsIdentical(ScannedEntry entry, FileStat stored);

    /// <summary>Whether the context itself has an entry: what was unpacked for the session is not stored, so its deletion
    /// deletes nothing.</summary>
    bool IsInContext(string path) => true;

    /// <summary>The paths of all stored files (not directories) at or below a path.</summary>
    IEnumerable<string> FilesAtOrBelow(string path);
}
