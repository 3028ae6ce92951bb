namespace Agb.Engine;

/// <content>Plans of syncs.</content>
public sealed partial class EmbeddedService
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        CallAsync("planning a sync", () => _syncs.PlanAsync(sessionId, RequestRules.Sync(request), cancellationToken), cancellationToken);
}
