namespace Agb.Cloud;

/// <content>Sessions and their syncs.</content>
public sealed partial class AgbCloudService
{
    /// <inheritdoc/>
    public async Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.Session(request);
        var service = await FindAsync(cancellationToken).ConfigureAwait(false);
        return await service.CreateSessionAsync(valid, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<AgbSession> GetSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => s.GetSessionAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListSessionsAsync(labels, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListReleasedSessionsAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbSession> WaitSessionAsync(SessionId sessionId, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => s.WaitSessionAsync(sessionId, timeout, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveSessionAsync(
        SessionId sessionId, AgbReleaseMode mode = AgbReleaseMode.Policy, CancellationToken cancellationToken = default)
    {
        RequireSession(sessionId);
        var service = await FindAsync(cancellationToken).ConfigureAwait(false);
        await service.RemoveSessionAsync(sessionId, mode, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgbSession>> ForkSessionAsync(SessionId sessionId, int count = 1, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.ForkCount(count);
        return await OfSessionAsync(
            sessionId,
            s => s is ISessionForkService forks
                ? forks.ForkSessionAsync(sessionId, valid, cancellationToken)
                : throw AgbErrors.NotSupported(Name, "forks of sessions"),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbSession> SetSessionLabelsAsync(
        SessionId sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        RequestRules.Labels(labels);
        return await OfSessionAsync(sessionId, s => s.SetSessionLabelsAsync(sessionId, labels, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<AgbSession> KeepSessionAliveAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => s.KeepSessionAliveAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbSession> SuspendSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => RequireSleep(s).SuspendSessionAsync(sessionId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbSession> ResumeSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => RequireSleep(s).ResumeSessionAsync(sessionId, cancellationToken), cancellationToken);

    private ISessionSleepService RequireSleep(IAgbService service) =>
        service as ISessionSleepService ?? throw AgbErrors.NotSupported(Name, "suspended sessions");

    /// <inheritdoc/>
    public async Task<Uri> GetSessionLinkAsync(
        SessionId sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default)
    {
        RequestRules.SessionLink(port, scheme);
        return await OfSessionAsync(sessionId, s => s.GetSessionLinkAsync(sessionId, port, scheme, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => s.StartSyncAsync(sessionId, request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        SessionId sessionId, ContextId? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => s.GetSyncStatusAsync(sessionId, contextId, path, taskType, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        SessionId sessionId, TimeSpan timeout, ContextId? contextId = null, string? path = null,
        CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => s.WaitSyncAsync(sessionId, timeout, contextId, path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        OfSessionAsync(sessionId, s => s.PlanSyncAsync(sessionId, request, cancellationToken), cancellationToken);

    private async Task<T> OfSessionAsync<T>(SessionId sessionId, Func<IAgbService, Task<T>> call, CancellationToken cancellationToken)
    {
        RequireSession(sessionId);
        return await call(await FindAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // An empty id would make another call on the wire.
    private static void RequireSession(SessionId sessionId)
    {
        if (string.IsNullOrWhiteSpace(sessionId))
        {
            throw AgbErrors.SessionNotFound(sessionId);
        }
    }
}
