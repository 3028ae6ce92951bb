namespace Agb.PowerShell.TestService;

/// <content>Labels, code and plans of sessions.</content>
public sealed partial class MemoryService
{
    /// <summary>What a sync would do, for <see cref="PlanSyncAsync"/>.</summary>
    public AgbSyncPlanItem[] Plan { get; set; } = [];

    /// <inheritdoc/>
    public Task<AgbSession> SetSessionLabelsAsync(
        SessionId sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        RequestRules.Labels(labels);
        Calls.Enqueue($"SetSessionLabels {sessionId}");
        return Task.FromResult(_sessions[sessionId] = Find(sessionId) with { Labels = labels });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSession>> ForkSessionAsync(SessionId sessionId, int count = 1, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"ForkSession {sessionId} {count}");
        var origin = Find(sessionId);
        var forks = Enumerable.Range(1, count).Select(n => origin with { SessionId = $"{origin.SessionId}-fork{n}", ForkedFrom = origin.SessionId }).ToArray();
        foreach (var fork in forks)
        {
            _sessions[fork.SessionId] = fork;
        }
        return Task.FromResult<IReadOnlyList<AgbSession>>(forks);
    }

    /// <inheritdoc/>
    public Task<AgbSession> KeepSessionAliveAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"KeepSessionAlive {sessionId}");
        return Task.FromResult(Find(sessionId));
    }

    /// <inheritdoc/>
    public Task<AgbSession> SuspendSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        SetStatusAsync(sessionId, AgbSessionStatus.Suspended);

    /// <inheritdoc/>
    public Task<AgbSession> ResumeSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        SetStatusAsync(sessionId, AgbSessionStatus.Running);

    private Task<AgbSession> SetStatusAsync(SessionId sessionId, AgbSessionStatus status)
    {
        Calls.Enqueue($"{status} {sessionId}");
        return Task.FromResult(_sessions[sessionId] = Find(sessionId) with { Status = status });
    }

    /// <summary>Echoes the code; <c>fail</c> fails, <c>hang</c> ends only when cancelled.</summary>
    public async Task<AgbCodeResult> RunCodeAsync(SessionId sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default)
    {
        var session = Find(sessionId);
        Calls.Enqueue($"RunCode {sessionId} {request.Language} {request.Timeout.TotalSeconds}");
        Started.Release();
        if (request.Code == "hang")
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                Interlocked.Increment(ref _cancelled);
            }
        }
        var shown = new AgbCodeOutput { IsMainResult = true, Mime = new Dictionary<string, string> { ["text/plain"] = "42" } };
        if (request.Events is { } events)
        {
            await events.WriteAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = request.Code + "\n" }, cancellationToken);
            await events.WriteAsync(new AgbCodeEvent { Result = shown }, cancellationToken);
        }
        return new AgbCodeResult
        {
            SessionId = session.SessionId,
            Language = request.Language,
            Stdout = request.Code + "\n",
            Results = [shown],
            Error = request.Code == "fail" ? "NameError: fail" : null,
            ExecutionCount = 1,
            Duration = TimeSpan.FromMilliseconds(5),
            Service = this,
        };
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue($"PlanSync {sessionId} {request.Mode} {request.ContextId} {request.Path}");
        return Task.FromResult<IReadOnlyList<AgbSyncPlanItem>>([.. Plan.Select(p => p with { SessionId = sessionId, Service = this })]);
    }
}
