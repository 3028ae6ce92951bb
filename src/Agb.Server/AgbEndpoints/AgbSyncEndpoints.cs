using Agb.Protocol;
using Microsoft.AspNetCore.Routing;

namespace Agb.Server;

/// <summary>The extension endpoints for syncs.</summary>
internal static class AgbSyncEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbServerRoutes.StartSync, StartAsync);
        routes.Post(AgbServerRoutes.CancelSync, CancelAsync);
        routes.Post(AgbServerRoutes.GetSyncStatus, StatusAsync);
        routes.Post(AgbServerRoutes.WaitSync, WaitAsync);
        routes.Post(AgbServerRoutes.PlanSync, PlanAsync);
    }

    private static async Task StartAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.StartSyncBody).ConfigureAwait(false);
        // Not disposed: the running sync uses its token. Without a timer there is nothing to dispose.
        var cancel = new CancellationTokenSource();
        var tasks = await call.Service.StartSyncAsync(new SessionId(call.About(Call.Require(body.SessionId, "sessionId"))), body.ToRequest(), cancel.Token).ConfigureAwait(false);
        await call.OkAsync(
            new StartedSync { SyncId = call.Owner.Remember(cancel), Tasks = tasks }, WireJson.Default.StartedSync)
            .ConfigureAwait(false);
    }

    private static async Task CancelAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.CancelSyncBody).ConfigureAwait(false);
        call.Owner.CancelSync(Call.Require(body.SyncId, "syncId"));
        await call.OkAsync().ConfigureAwait(false);
    }

    private static async Task StatusAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.SyncStatusBody).ConfigureAwait(false);
        var tasks = await call.Service.GetSyncStatusAsync(
            new SessionId(call.About(Call.Require(body.SessionId, "sessionId"))), ContextId.Optional(body.ContextId), body.Path, body.TaskType, call.Aborted).ConfigureAwait(false);
        await call.OkAsync(tasks, WireJson.Default.IReadOnlyListAgbSyncStatus).ConfigureAwait(false);
    }

    private static async Task WaitAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.WaitSyncBody).ConfigureAwait(false);
        var id = call.About(Call.Require(body.SessionId, "sessionId"));
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var tasks = await call.Service.WaitSyncAsync(new SessionId(id), body.Timeout, ContextId.Optional(body.ContextId), body.Path, call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync(tasks, WireJson.Default.IReadOnlyListAgbSyncStatus).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task PlanAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.StartSyncBody).ConfigureAwait(false);
        var id = call.About(Call.Require(body.SessionId, "sessionId"));
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var plan = await call.Service.PlanSyncAsync(new SessionId(id), body.ToRequest(), call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync(plan, WireJson.Default.IReadOnlyListAgbSyncPlanItem).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }
}
