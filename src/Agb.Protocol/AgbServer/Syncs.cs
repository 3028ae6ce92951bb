namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.StartSync"/> and <see cref="AgbServerRoutes.PlanSync"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ContextId">Only this context.</param>
/// <param name="Path">Only the mount at this path.</param>
/// <param name="Mode">The direction.</param>
/// <param name="Force">Replace also files changed by the session.</param>
/// <param name="MaxDeletePercent">The maximum percentage of stored files to delete.</param>
public sealed record StartSyncBody(
    string? SessionId = null, string? ContextId = null, string? Path = null, AgbSyncTaskType Mode = default, bool Force = false,
    double? MaxDeletePercent = null)
{
    /// <summary>The body for a request.</summary>
    public static StartSyncBody From(string sessionId, AgbSyncRequest request) =>
        new(sessionId, request.ContextId, request.Path, request.Mode, request.Force, request.MaxDeletePercent);

    /// <summary>The request of a body.</summary>
    public AgbSyncRequest ToRequest() =>
        new() { ContextId = ContextId, Path = Path, Mode = Mode, Force = Force, MaxDeletePercent = MaxDeletePercent };
}

/// <summary>A started sync.</summary>
/// <param name="SyncId">The id for <see cref="AgbServerRoutes.CancelSync"/>, valid while the sync runs.</param>
/// <param name="Tasks">Its tasks.</param>
public sealed record StartedSync(string? SyncId = null, IReadOnlyList<AgbSyncStatus>? Tasks = null);

/// <summary>The body of <see cref="AgbServerRoutes.CancelSync"/>.</summary>
/// <param name="SyncId">The sync.</param>
public sealed record CancelSyncBody(string? SyncId = null);

/// <summary>The body of <see cref="AgbServerRoutes.GetSyncStatus"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ContextId">Only this context.</param>
/// <param name="Path">Only this path.</param>
/// <param name="TaskType">Only this direction.</param>
public sealed record SyncStatusBody(string? SessionId = null, string? ContextId = null, string? Path = null, AgbSyncTaskType? TaskType = null);

/// <summary>The body of <see cref="AgbServerRoutes.WaitSync"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Timeout">The maximum wait.</param>
/// <param name="ContextId">Only this context.</param>
/// <param name="Path">Only this path.</param>
public sealed record WaitSyncBody(string? SessionId = null, TimeSpan Timeout = default, string? ContextId = null, string? Path = null);
