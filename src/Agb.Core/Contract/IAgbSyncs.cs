namespace Agb;

/// <summary>Syncs between sessions and contexts. Part of <see cref="IAgbService"/>.</summary>
public interface IAgbSyncs
{
    /// <summary>Starts a sync. Cancelling the token cancels its tasks too, until they are recorded.</summary>
    /// <returns>The registered tasks.</returns>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired, SyncTargetNotFound,
    /// InvalidSessionOption, TooManyDeletions, PolicyNotSupported, ReadOnlyStore.</exception>
    Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets the current task of each (context, path, direction) of a session, also of a released session.</summary>
    /// <returns>The tasks with these properties; null stands for all.</returns>
    /// <exception cref="AgbException">SessionNotFound, ContextNotFound.</exception>
    Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        SessionId sessionId, ContextId? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default);

    /// <summary>Waits until no task of a session is Pending or Running.</summary>
    /// <returns>The tasks; a failed task is not an error of the wait.</returns>
    /// <exception cref="AgbException">SessionNotFound, ContextNotFound, WaitTimeout.</exception>
    Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        SessionId sessionId, TimeSpan timeout, ContextId? contextId = null, string? path = null,
        CancellationToken cancellationToken = default);

    /// <summary>Plans a sync without any change. The sync may differ if content changes meanwhile.</summary>
    /// <returns>The steps.</returns>
    /// <exception cref="AgbException">As for <see cref="StartSyncAsync"/>; NotSupported without
    /// <see cref="AgbCapabilities.SyncPlans"/>.</exception>
    Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default);
}
