using Agb.Engine.Native;

namespace Agb.Engine.Sync.Downloads;

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

    /// <summary>Nothing but to note that session and context agree by now.</summary>
    Note,
}

/// <summary>One step of a download.</summary>
internal readonly record struct DownloadStep(string Path, DownloadOperation Operation, SyncReason Reason, FileStat Stat);

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

    /// <summary>What stays as the session has it.</summary>
    internal List<KeptPath> Kept { get; } = [];
}

/// <summary>An entry that differs between what the session was given and what is stored now.</summary>
/// <param name="Path">Raw, relative to the mount.</param>
/// <param name="Was">What the session was given, or null.</param>
/// <param name="Now">What is stored now, or null.</param>
/// <param name="IsSame">Whether both are the same after all; such entries come only when they are asked for.</param>
internal readonly record struct TreeDifference(string Path, FileStat? Was, FileStat? Now, bool IsSame);

/// <summary>What a session's tree holds, as a download has to know it.</summary>
internal interface ISessionTree
{
    /// <summary>What the session sees at a path, or null.</summary>
    FileStat? Lookup(string path);

    /// <summary>The names in a directory that the session sees.</summary>
    IReadOnlyList<string> Names(string path);

    /// <summary>Whether the session has not touched an entry since it was given or uploaded.</summary>
    bool IsUntouched(string path);

    /// <summary>Whether nothing was at a path when session and context last agreed, though the session was given something
    /// there: it deleted that and has uploaded the deletion.</summary>
    bool IsKnownDeleted(string path);
}
