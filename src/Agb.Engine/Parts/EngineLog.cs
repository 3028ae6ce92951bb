namespace Agb.Engine;

/// <summary>Log messages of the engine: event ids 2000 to 2999, described in docs/events.md.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(2001, LogLevel.Warning, "The directory {Directory} of no known session could not be removed.")]
    internal static partial void OrphanKept(this ILogger log, string directory, Exception exception);

    [LoggerMessage(2002, LogLevel.Warning, "Background work failed and will be tried again: {Doing}.")]
    internal static partial void BackgroundFailed(this ILogger log, string doing, Exception exception);

    [LoggerMessage(2003, LogLevel.Warning, "Old manifests in {Directory} could not be removed.")]
    internal static partial void ManifestsKept(this ILogger log, string directory, Exception exception);

    [LoggerMessage(2004, LogLevel.Warning, "The end of the sync of {Path} could not be recorded and will be tried again.")]
    internal static partial void SyncEndNotRecorded(this ILogger log, string path, Exception exception);

    [LoggerMessage(2005, LogLevel.Warning, "The lock {LockFile} of a change could not be removed.")]
    internal static partial void ChangeLockKept(this ILogger log, string lockFile, Exception exception);

    [LoggerMessage(2006, LogLevel.Warning, "The session {SessionId} exceeds its disk limit of {DiskBytes} bytes; its processes were ended.")]
    internal static partial void DiskLimitExceeded(this ILogger log, string sessionId, long? diskBytes);

    [LoggerMessage(2007, LogLevel.Warning, "The disk use of the session {SessionId} could not be measured.")]
    internal static partial void DiskUseUnknown(this ILogger log, string sessionId, Exception exception);

    [LoggerMessage(2011, LogLevel.Information, "The session {SessionId} was copied into {Count} forks; it was stopped for {StopMs} ms.")]
    internal static partial void SessionForked(this ILogger log, string sessionId, int count, double stopMs);

    [LoggerMessage(2008, LogLevel.Warning, "The browser of the session {SessionId} did not close in time; its newest cookies may be missing.")]
    internal static partial void BrowserNotClosed(this ILogger log, string sessionId, Exception? exception);

    [LoggerMessage(2009, LogLevel.Warning, "The session {SessionId} was resumed, but this could not be recorded; its next use tries again.")]
    internal static partial void ResumeNotRecorded(this ILogger log, string sessionId, Exception exception);

    [LoggerMessage(2010, LogLevel.Warning, "The prepared sandbox {SessionId} could not be used; the session got a new one.")]
    internal static partial void PreparedUnused(this ILogger log, string sessionId, Exception exception);
}
