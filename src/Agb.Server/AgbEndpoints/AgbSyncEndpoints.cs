namespace Agb.Server;

/// <summary>The extension endpoints for syncs.</summary>
internal static class AgbSyncEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var json = WireJson.Default;
        routes.Answer(AgbServerRoutes.StartSync, json.StartSyncBody, json.StartedSync, StartAsync);
        routes.Change(AgbServerRoutes.CancelSync, json.CancelSyncBody, (call, body) =>
        {
            call.Owner.CancelSync(Call.Require(body.SyncId, "syncId"));
            return Task.CompletedTask;
        });
        routes.Answer(
            AgbServerRoutes.GetSyncStatus, json.SyncStatusBody, json.IReadOnlyListAgbSyncStatus,
            (call, body) => call.Service.GetSyncStatusAsync(
                new SessionId(call.RequireSessionId(body.SessionId)), ContextId.Optional(body.ContextId), body.Path, body.TaskType, call.Aborted));
        routes.Stream(
            AgbServerRoutes.WaitSync, json.WaitSyncBody, json.IReadOnlyListAgbSyncStatus,
            (call, body) => call.Service.WaitSyncAsync(new SessionId(call.RequireSessionId(body.SessionId)), body.Timeout, ContextId.Optional(body.ContextId), body.Path, call.Aborted));
        routes.Stream(
            AgbServerRoutes.PlanSync, json.StartSyncBody, json.IReadOnlyListAgbSyncPlanItem,
            (call, body) => call.Service.PlanSyncAsync(new SessionId(call.RequireSessionId(body.SessionId)), body.ToRequest(), call.Aborted));
    }

    private static async Task<StartedSync> StartAsync(Call call, StartSyncBody body)
    {
        // Not disposed: the running sync uses its token. Without a timer there is nothing to dispose.
        var cancel = new CancellationTokenSource();
        var tasks = await call.Service.StartSyncAsync(new SessionId(call.RequireSessionId(body.SessionId)), body.ToRequest(), cancel.Token).ConfigureAwait(false);
        return new StartedSync(call.Owner.Remember(cancel), tasks);
    }
}
