using System.Text.Json;
using Agb.Protocol;

namespace Agb.Cloud;

/// <content>Commands, code, syncs and terminals.</content>
internal sealed partial class AgbServerService
{
    public async Task<AgbCommandResult> RunCommandAsync(
        SessionId sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default)
    {
        var detail = await (ExtendedCommand.IsFor(request)
            ? _streams.CancelledAsync(
                id => ExtendedCommand.RunAsync(api, sessionId, request, OfferAsync, id, cancellationToken), cancellationToken)
            : _streams.ResultAsync(
                ApiCall.Post(
                    AgbServerRoutes.RunCommand, RunCommandBody.From(sessionId, request), WireJson.Default.RunCommandBody, Repeat.WhenTurnedAway),
                WireJson.Default.CommandDetail, cancellationToken, OfferAsync)).ConfigureAwait(false);
        return detail.ToResult(sessionId, request.Command, owner);

        ValueTask OfferAsync(JsonElement line) => request.Lines?.OfferAsync(
            Answers.Read(line, WireJson.Default.OutputLine, "").ToOutput(sessionId, owner), cancellationToken) ?? default;
    }

    public async Task<AgbCodeResult> RunCodeAsync(SessionId sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default)
    {
        var detail = await _streams.ResultAsync(
            ApiCall.Post(AgbServerRoutes.RunCode, RunCodeBody.From(sessionId, request), WireJson.Default.RunCodeBody, Repeat.WhenTurnedAway),
            WireJson.Default.CodeDetail, cancellationToken,
            item => request.Events?.OfferAsync(
                Answers.Read(item, WireJson.Default.AgbCodeEvent, ""), cancellationToken) ?? default).ConfigureAwait(false);
        return detail.ToResult(sessionId, owner);
    }

    public Task<IAgbTerminal> OpenTerminalAsync(
        SessionId sessionId, AgbTerminalRequest request, CancellationToken cancellationToken = default) =>
        ExtendedTerminal.OpenAsync(api, sessionId, request, cancellationToken);

    public async Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        var started = await CallAsync(
            ApiCall.Post(
                AgbServerRoutes.StartSync, StartSyncBody.From(sessionId, request), WireJson.Default.StartSyncBody, Repeat.WhenTurnedAway),
            WireJson.Default.StartedSync, cancellationToken).ConfigureAwait(false);
        _syncs.Add(sessionId, started.SyncId, cancellationToken);
        return Tasks(started.Tasks ?? []);
    }

    public async Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        SessionId sessionId, ContextId? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default) => Tasks(await CallAsync(
        ApiCall.Post(
            AgbServerRoutes.GetSyncStatus,
            new SyncStatusBody { SessionId = sessionId, ContextId = contextId, Path = path, TaskType = taskType },
            WireJson.Default.SyncStatusBody, Repeat.Always),
        WireJson.Default.IReadOnlyListAgbSyncStatus, cancellationToken).ConfigureAwait(false));

    public async Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        SessionId sessionId, TimeSpan timeout, ContextId? contextId = null, string? path = null, CancellationToken cancellationToken = default)
    {
        var tasks = Tasks(await _streams.ResultAsync(
            ApiCall.Post(
                AgbServerRoutes.WaitSync, new WaitSyncBody { SessionId = sessionId, Timeout = timeout, ContextId = contextId, Path = path },
                WireJson.Default.WaitSyncBody, Repeat.Always),
            WireJson.Default.IReadOnlyListAgbSyncStatus, cancellationToken).ConfigureAwait(false));
        if (contextId is null && path is null)
        {
            _syncs.Forget(sessionId);
        }
        return tasks;
    }

    public async Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        var steps = await _streams.ResultAsync(
            ApiCall.Post(AgbServerRoutes.PlanSync, StartSyncBody.From(sessionId, request), WireJson.Default.StartSyncBody, Repeat.Always),
            WireJson.Default.IReadOnlyListAgbSyncPlanItem, cancellationToken).ConfigureAwait(false);
        return [.. steps.Select(s => s with { Service = owner })];
    }

    private IReadOnlyList<AgbSyncStatus> Tasks(IReadOnlyList<AgbSyncStatus> details) => [.. details.Select(d => d with { Service = owner })];
}
