using System.Diagnostics;

namespace Agb.Store;

/// <summary>Named points for tests to end the process or fail an operation. Calls are compiled out of Release builds.</summary>
internal static class FaultPoint
{
    internal const string StagingMarked = "staging-marked";
    internal const string StagingWritten = "staging-written";
    internal const string StagingRebased = "staging-rebased";
    internal const string ArchivePacked = "archive-packed";
    internal const string ArchiveUnpacked = "archive-unpacked";
    internal const string ArchiveShared = "archive-shared";
    internal const string LayerSealed = "layer-sealed";
    internal const string LayerPlaced = "layer-placed";
    internal const string LayerFlushed = "layer-flushed";
    internal const string VersionRecorded = "version-recorded";
    internal const string MarkerRemoved = "marker-removed";
    internal const string SessionFrozen = "session-frozen";
    internal const string SessionThawed = "session-thawed";
    internal const string SessionStopped = "session-stopped";
    internal const string SessionFilesRemoved = "session-files-removed";
    internal const string ClearRegistered = "clear-registered";
    internal const string VersionCounted = "version-counted";
    internal const string LayersMarked = "layers-marked";
    internal const string LayersCondemned = "layers-condemned";
    internal const string ForkStopped = "fork-stopped";
    internal const string ForkMoved = "fork-moved";
    internal const string ForkSwapped = "fork-swapped";
    internal const string ForkCopied = "fork-copied";
    internal const string ForkRegistered = "fork-registered";
    internal const string LayersRemoved = "layers-removed";
    internal const string LargeFileTaken = "large-file-taken";
    internal const string LargeDeltaWritten = "large-delta-written";
    internal const string LargeFileMoving = "large-file-moving";
    internal const string LargeFilePatched = "large-file-patched";
    internal const string SandboxPrepared = "sandbox-prepared";
    internal const string SandboxTaken = "sandbox-taken";
    internal const string MountRegistered = "mount-registered";
    internal const string MountPrepared = "mount-prepared";
    internal const string MountAttached = "mount-attached";
    internal const string MountFrozen = "mount-frozen";
    internal const string MountLeaving = "mount-leaving";
    internal const string MountDetached = "mount-detached";

    /// <summary>Called with each point's name in builds with fault points; null does nothing.</summary>
    internal static Action<string>? Handler { get; set; }

    /// <summary>Marks a point in the program.</summary>
    [Conditional("AGB_FAULTS")]
    internal static void Reach(string point) => Handler?.Invoke(point);
}
