using Agb.Protocol;
using Microsoft.AspNetCore.Routing;

namespace Agb.Server;

/// <summary>Syncs of sessions, and the internal context of their file transfers.</summary>
internal static class SyncEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbRoutes.SyncContext, SyncAsync);
        routes.Get(AgbRoutes.GetContextInfo, GetInfoAsync);
        routes.Post(AgbRoutes.GetAndLoadInternalContext, LoadInternalAsync);
    }

    /// <summary>The tasks to show to a client. A failed task is hidden by a newer task of its mount: the official clients take
    /// every visible task for their current sync.</summary>
    internal static IEnumerable<AgbSyncStatus> Current(IReadOnlyList<AgbSyncStatus> tasks) => tasks.Where(t =>
        t.Status != AgbSyncTaskStatus.Failed
        || !tasks.Any(o => o.ContextId == t.ContextId && o.Path == t.Path && o.TaskType != t.TaskType && o.StartTime > t.StartTime));

    private static async Task SyncAsync(Call call)
    {
        var sessionId = call.RequireSessionId();
        // Without a mode everything is synced; the client's intention is then to lose nothing.
        var mode = SyncWords.To(call.Query("mode"), "mode") ?? AgbSyncTaskType.Upload;
        var (contextId, path) = (call.Query("contextId"), call.Query("path"));
        call.Owner.RequireNotReleasing(sessionId);
        if (InternalContextId.SessionOf(contextId) is { } transferring)
        {
            RequireSame(sessionId, transferring, contextId!);
            await call.Owner.RequireSessionAsync(sessionId, call.Aborted).ConfigureAwait(false);
            await call.HoldAsync(call.Owner.Transfers.Start(sessionId, call.RequireQuery("path"), mode)).ConfigureAwait(false);
        }
        else
        {
            var id = await ContextEndpoints.ToIdAsync(call, contextId).ConfigureAwait(false);
            // The tasks continue without the caller.
            await call.Service.StartSyncAsync(
                new SessionId(sessionId), new AgbSyncRequest { ContextId = id?.Value, Path = path, Mode = mode }, CancellationToken.None).ConfigureAwait(false);
            await HoldAsync(call, sessionId, id, path).ConfigureAwait(false);
        }
        await call.OkAsync().ConfigureAwait(false);
    }

    /// <summary>Waits for the tasks before the answer, like <see cref="Call.HoldAsync"/>. Clients see the
    /// outcome with their next poll.</summary>
    private static async Task HoldAsync(Call call, string sessionId, ContextId? contextId, string? path)
    {
        try
        {
            await call.Service.WaitSyncAsync(new SessionId(sessionId), call.Options.ReplyHold, contextId, path, call.Aborted).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.WaitTimeout)
        {
            // The client polls again.
        }
    }

    private static async Task GetInfoAsync(Call call)
    {
        var sessionId = call.RequireSessionId();
        var (contextId, path) = (call.Query("contextId"), call.Query("path"));
        var type = SyncWords.To(call.Query("taskType"), "taskType");
        IEnumerable<SyncTaskItem> items;
        if (InternalContextId.SessionOf(contextId) is { } transferring)
        {
            RequireSame(sessionId, transferring, contextId!);
            await call.Service.GetSessionAsync(new SessionId(sessionId), call.Aborted).ConfigureAwait(false);
            items = call.Owner.Transfers.Tasks(sessionId, path, type).Select(SyncTaskItem.From);
        }
        else
        {
            var id = await ContextEndpoints.ToIdAsync(call, contextId).ConfigureAwait(false);
            var tasks = await call.Service.GetSyncStatusAsync(new SessionId(sessionId), id, path, cancellationToken: call.Aborted).ConfigureAwait(false);
            items = Current(tasks)
                .Where(t => type is null || t.TaskType == type)
                .Select(t => SyncTaskItem.From(t) with { Path = call.Owner.Notes.WrittenPath(sessionId, t.Path) });
        }
        await call.OkAsync(new ContextInfoData { ContextStatus = ContextStatusJson.Write(items) }, WireJson.Default.ContextInfoData).ConfigureAwait(false);
    }

    private static async Task LoadInternalAsync(Call call)
    {
        var sessionId = call.RequireSessionId();
        var types = WireReader.Read(call.Query("contextTypes") ?? "[]", WireJson.Default.IReadOnlyListString, "contextTypes");
        var unknown = types.FirstOrDefault(t => t != InternalContext.FileTransferType);
        if (types.Count == 0 || unknown is not null || types.Contains(null))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"The query parameter 'contextTypes' must be [\"{InternalContext.FileTransferType}\"].", target: unknown);
        }
        await call.Owner.RequireSessionAsync(sessionId, call.Aborted).ConfigureAwait(false);
        await call.Owner.Transfers.PrepareAsync(sessionId, call.Aborted).ConfigureAwait(false);
        await call.OkAsync(
            [
                new InternalContext
                {
                    ContextId = InternalContextId.Of(sessionId),
                    ContextType = InternalContext.FileTransferType,
                    ContextPath = FileTransfers.SessionDirectory,
                },
            ],
            WireJson.Default.IReadOnlyListInternalContext).ConfigureAwait(false);
    }

    private static void RequireSame(string sessionId, string transferring, string contextId)
    {
        if (sessionId != transferring)
        {
            throw AgbErrors.ContextNotFound(contextId);
        }
    }
}
