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
    public async Task<AgbSession> GetSessionAsync(string sessionId, CancellationToken cancellationToken = default) =>
        await (await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false))
            .GetSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListSessionsAsync(labels, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListReleasedSessionsAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<AgbSession> WaitSessionAsync(string sessionId, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        await (await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false))
            .WaitSessionAsync(sessionId, timeout, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task RemoveSessionAsync(
        string sessionId, bool syncContext = false, bool discardChanges = false, CancellationToken cancellationToken = default) =>
        await (await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false))
            .RemoveSessionAsync(sessionId, syncContext, discardChanges, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<AgbSession> SetSessionLabelsAsync(
        string sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        RequestRules.Labels(labels);
        var service = await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return await service.SetSessionLabelsAsync(sessionId, labels, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbSession> KeepSessionAliveAsync(string sessionId, CancellationToken cancellationToken = default) =>
        await (await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false))
            .KeepSessionAliveAsync(sessionId, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<Uri> GetSessionLinkAsync(
        string sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default)
    {
        RequestRules.SessionLink(port, scheme);
        var service = await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return await service.GetSessionLinkAsync(sessionId, port, scheme, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        var service = await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return await service.StartSyncAsync(sessionId, request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        string sessionId, string? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default)
    {
        var service = await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return await service.GetSyncStatusAsync(sessionId, contextId, path, taskType, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        string sessionId, TimeSpan timeout, string? contextId = null, string? path = null,
        CancellationToken cancellationToken = default)
    {
        var service = await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return await service.WaitSyncAsync(sessionId, timeout, contextId, path, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        var service = await OfSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return await service.PlanSyncAsync(sessionId, request, cancellationToken).ConfigureAwait(false);
    }

    // An empty id would make another call on the wire.
    private ValueTask<IAgbService> OfSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(sessionId) ? throw AgbErrors.SessionNotFound(sessionId) : FindAsync(cancellationToken);
}
