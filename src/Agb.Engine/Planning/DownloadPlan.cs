namespace Agb.Engine;

/// <summary>Operation of a download on one path.</summary>
internal enum DownloadOperation
{
    /// <summary>Make a directory.</summary>
    MakeDirectory,

    /// <summary>Put a file, symlink or FIFO in place of the session's entry.</summary>
    Put,

    /// <summary>Remove a file, symlink or FIFO.</summary>
    Delete,

    /// <summary>Remove an empty directory.</summary>
    DeleteDirectory,

    /// <summary>Set a directory's mode, time and extended attributes.</summary>
    SetDirectory,

    /// <summary>Set a directory's time after its contents are complete.</summary>
    SetTime,

    /// <summary>Only record that session and context agree now.</summary>
    Note,
}

/// <summary>One step of a download.</summary>
internal readonly record struct DownloadStep(string Path, DownloadOperation Operation, SyncReason Reason, FileStat Stat)
{
    /// <summary>Whether earlier steps remove a directory to make room.</summary>
    internal bool IsAfterDirectory { get; init; }
}

/// <summary>A file equal in session and store.</summary>
/// <param name="Entry">The session's entry before the comparison.</param>
/// <param name="Stored">The stored entry.</param>
internal readonly record struct AgreedFile(ScannedEntry Entry, FileStat Stored);

/// <summary>A kept difference and its reason.</summary>
internal readonly record struct KeptPath(string Path, string Why)
{
    /// <inheritdoc/>
    public override string ToString() => $"{BytePath.ToDisplay(Path)}: kept, {Why}";
}

/// <summary>Plan of a download, made without changes.</summary>
internal sealed class DownloadPlan
{
    /// <summary>The steps: directories before new contents and after deleted contents.</summary>
    internal List<DownloadStep> Steps { get; } = [];

    /// <summary>Files found equal: the next download need not read them.</summary>
    internal List<AgreedFile> Agreed { get; } = [];

    /// <summary>Files existing only in the session, removed with their directory by a forced download.</summary>
    internal List<string> OnlyHere { get; } = [];

    /// <summary>Entries kept as they are in the session.</summary>
    internal List<KeptPath> Kept { get; } = [];
}

/// <summary>A difference between the tree given to the session and the tree stored now.</summary>
/// <param name="Path">Raw, relative to the mount.</param>
/// <param name="Was">The entry given to the session, or null.</param>
/// <param name="Now">The entry stored now, or null.</param>
/// <param name="IsSame">Whether both are equal after all, for a directory with all its contents. Equal entries are listed only on
/// request, or if session and context may have agreed on another state since.</param>
internal readonly record struct TreeDifference(string Path, FileStat? Was, FileStat? Now, bool IsSame)
{
    /// <summary>For a directory: the hash of the extended attributes given to the session.</summary>
    internal ulong WasXattrs { get; init; }

    /// <summary>For a directory: the hash of the extended attributes stored now.</summary>
    internal ulong NowXattrs { get; init; }
}

/// <summary>A session's tree, for a download.</summary>
internal interface ISessionTree
{
    /// <summary>The entry at a path in the session's view, or null.</summary>
    FileStat? Lookup(string path);

    /// <summary>The names in a directory in the session's view.</summary>
    IReadOnlyList<string> Names(string path);

    /// <summary>The hash of a directory's extended attributes in the session's view.</summary>
    ulong XattrHash(string path);

    /// <summary>Compares the session's file, symlink or FIFO with the stored one: attributes, target, content.</summary>
    /// <returns>The entry in the session's tree; null if the two differ.</returns>
    ScannedEntry? FindEqual(string path, FileStat stored);

    /// <summary>Whether an entry is unchanged in the session since it was given or uploaded.</summary>
    bool IsUntouched(string path);

    /// <summary>Whether the session has deleted a given entry and uploaded the deletion, so that session and context last agreed
    /// on its absence.</summary>
    bool IsKnownDeleted(string path);
}
