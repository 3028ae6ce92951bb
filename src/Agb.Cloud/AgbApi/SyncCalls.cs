using Agb.Protocol;

namespace Agb.Cloud;

/// <summary>Syncs by the AGB API: started by one call, polled by another.</summary>
internal sealed class SyncCalls(ApiClient api, IAgbService owner, SessionCalls sessions)
{
    /// <summary>Begins a sync.</summary>
    /// <returns>The tasks in the service's list.</returns>
    internal async Task<IReadOnlyList<AgbSyncStatus>> StartAsync(string sessionId, AgbSyncRequest request, CancellationToken cancellationToken)
    {
        if (request.Force || request.MaxDeletePercent is not null)
        {
            throw AgbErrors.NotSupported(api.Name, request.Force ? "downloads that replace changes" : "a limit for deletions");
        }
        var path = request.Path is null ? null : LinuxPath.Normalize(request.Path, "path");
        var targets = await TargetsAsync(sessionId, request.ContextId, path, cancellationToken).ConfigureAwait(false);
        foreach (var target in targets)
        {
            await PlainErrors.OfSessionAsync(sessionId, () => api.CallAsync(
                ApiCall.PostQuery(
                    AgbRoutes.SyncContext, Repeat.WhenTurnedAway, ("sessionId", sessionId), ("contextId", target?.ContextId), ("path", target?.Path),
                    // For all mounts the official clients send a direction only if it is not the usual one.
                    ("mode", target is null && request.Mode == AgbSyncTaskType.Upload ? null : SyncWords.From(request.Mode))),
                cancellationToken)).ConfigureAwait(false);
        }
        return await StatusAsync(sessionId, request.ContextId, path, request.Mode, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tasks in the service's list.</summary>
    internal async Task<IReadOnlyList<AgbSyncStatus>> StatusAsync(
        string sessionId, string? contextId, string? path, AgbSyncTaskType? taskType, CancellationToken cancellationToken)
    {
        var reply = await PlainErrors.OfSessionAsync(sessionId, () => api.CallAsync(
            ApiCall.Get(AgbRoutes.GetContextInfo, ("sessionId", sessionId)), cancellationToken)).ConfigureAwait(false);
        var data = reply.Data(WireJson.Default.ContextInfoData);
        var tasks = Answers.Guard(() => ContextStatusJson.Read(data?.ContextStatus), reply.RequestId)
            .Select(i => i.ToStatus(sessionId, owner)).OfType<AgbSyncStatus>();
        // The service returns paths in their original spelling, so the filters are ours.
        return
        [
            .. tasks.Where(t => (contextId is null || t.ContextId == contextId)
                && (path is null || t.Path.TrimEnd('/') == path) && (taskType is null || t.TaskType == taskType)),
        ];
    }

    /// <summary>Waits until no task runs. No task at all counts as done.</summary>
    internal Task<IReadOnlyList<AgbSyncStatus>> WaitAsync(
        string sessionId, TimeSpan timeout, string? contextId, string? path, CancellationToken cancellationToken) => AdaptivePoll.UntilAsync(
        api.Time,
        token => StatusAsync(sessionId, contextId, path, null, token),
        tasks => tasks.All(t => t.Status is AgbSyncTaskStatus.Success or AgbSyncTaskStatus.Failed),
        timeout,
        () => CloudErrors.WaitOver(
            $"The sync of the session '{sessionId}'", timeout, AgbAdvice.WaitForSync, sessionId),
        cancellationToken);

    // The API takes a context and a path together, or neither. Null stands for all.
    private async Task<IReadOnlyList<Target?>> TargetsAsync(string sessionId, string? contextId, string? path, CancellationToken cancellationToken)
    {
        if (contextId is null && path is null)
        {
            return [null];
        }
        if (contextId is not null && path is not null)
        {
            return [new Target(contextId, path)];
        }
        var mounts = sessions.Known.Find(sessionId).ContextSyncs?.Select(s => new Target(s.ContextId, s.Path)).ToArray()
            ?? [.. (await StatusAsync(sessionId, null, null, null, cancellationToken).ConfigureAwait(false)).Select(t => new Target(t.ContextId, t.Path)).Distinct()];
        Target[] targets = [.. mounts.Where(m => contextId is null ? m.Path.TrimEnd('/') == path : m.ContextId == contextId)];
        return targets.Length > 0
            ? targets
            : throw new AgbException(
                AgbErrorIds.SyncTargetNotFound, AgbErrorKind.NotFound,
                $"The session '{sessionId}' is not known to mount {(contextId is null ? $"anything at '{path}'" : $"the context '{contextId}'")}. "
                + $"Known mounts: {(mounts.Length == 0 ? "none" : string.Join(", ", mounts.Select(m => $"{m.ContextId} at {m.Path}")))}.",
                "Name both the context and the path.", contextId ?? path);
    }

    private sealed record Target(string ContextId, string Path);
}
