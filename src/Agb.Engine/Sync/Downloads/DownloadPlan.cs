namespace Agb.Engine;

/// <summary>What a download does with one path.</summary>
internal enum DownloadOperation
{
    /// <summary>Make a directory.</summary>
    MakeDirectory,

    /// <summary>Put a file, symlink or FIFO in place of what is there.</summary>
    Put,

    /// <summary>Remove a file, symlink or FIFO.</summary>
    Delete,

    /// <summary>Remove a directory that nothing is left in.</summary>
    DeleteDirectory,

    /// <summary>Give a directory its mode, time and extended attributes.</summary>
    SetDirectory,

    /// <summary>Give a directory its time, when all that comes into it is there.</summary>
    SetTime,

    /// <summary>Nothing but to note that session and context agree by now.</summary>
    Note,
}

/// <summary>One step of a download.</summary>
internal readonly record struct DownloadStep(string Path, DownloadOperation Operation, SyncReason Reason, FileStat Stat)
{
    /// <summary>Whether earlier steps remove a directory to make room.</summary>
    internal bool IsAfterDirectory { get; init; }
}

/// <summary>A file that is stored as the session has it already.</summary>
/// <param name="Entry">What the session has, as it was before it was compared.</param>
/// <param name="Stored">What is stored.</param>
internal readonly record struct AgreedFile(ScannedEntry Entry, FileStat Stored);

/// <summary>A difference that stays, and why.</summary>
internal readonly record struct KeptPath(string Path, string Why)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Raw.ToDisplay(Path)}: kept, {Why}";
}

/// <summary>What a download is going to do; made without touching anything.</summary>
internal sealed class DownloadPlan
{
    /// <summary>The steps: directories before what comes into them, and after what goes from them.</summary>
    internal List<DownloadStep> Steps { get; } = [];

    /// <summary>The files that were compared and are equal: the next download need not read them.</summary>
    internal List<AgreedFile> Agreed { get; } = [];

    /// <summary>Files that nothing but the session has and that make room: a download by force replaces their directory.</summary>
    internal List<string> OnlyHere { get; } = [];

    /// <summary>What stays as the session has it.</summary>
    internal List<KeptPath> Kept { get; } = [];
}

/// <summary>An entry that differs between what the session was given and what is stored now.</summary>
/// <param name="Path">Raw, relative to the mount.</param>
/// <param name="Was">What the session was given, or null.</param>
/// <param name="Now">What is stored now, or null.</param>
/// <param name="IsSame">Whether both are the same after all, of a directory with all that is in it; such entries come only where
/// the session may have agreed on something else meanwhile, or when they are asked for.</param>
internal readonly record struct TreeDifference(string Path, FileStat? Was, FileStat? Now, bool IsSame)
{
    /// <summary>Of a directory: the hash of the extended attributes that it had.</summary>
    internal ulong WasXattrs { get; init; }

    /// <summary>Of a directory: the hash of the extended attributes that it has.</summary>
    internal ulong NowXattrs { get; init; }
}

/// <summary>What a session's tree holds, as a download has to know it.</summary>
internal interface ISessionTree
{
    /// <summary>What the session sees at a path, or null.</summary>
    FileStat? Lookup(string path);

    /// <summary>The names in a directory that the session sees.</summary>
    IReadOnlyList<string> Names(string path);

    /// <summary>The hash of the extended attributes of a directory that the session sees.</summary>
    ulong XattrHash(string path);

    /// <summary>Compares a file, symlink or FIFO that the session sees with what is stored there: attributes, target, content.</summary>
    /// <returns>What the session's tree has there; null when the two differ.</returns>
    ScannedEntry? FindEqual(string path, FileStat stored);

    /// <summary>Whether the session has not touched an entry since it was given or uploaded.</summary>
    bool IsUntouched(string path);

    /// <summary>Whether nothing was at a path when session and context last agreed, though the session was given something
    /// there: it deleted that and has uploaded the deletion.</summary>
    bool IsKnownDeleted(string path);
}
