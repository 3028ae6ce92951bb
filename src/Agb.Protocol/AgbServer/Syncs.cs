namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.StartSync"/> and <see cref="AgbServerRoutes.PlanSync"/>.</summary>
public sealed record StartSyncBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Only this context.</summary>
    public string? ContextId { get; init; }

    /// <summary>Only the mount at this path.</summary>
    public string? Path { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType Mode { get; init; }

    /// <summary>Replace also files changed by the session.</summary>
    public bool Force { get; init; }

    /// <summary>The maximum percentage of stored files to delete.</summary>
    public double? MaxDeletePercent { get; init; }

    /// <summary>The body for a request.</summary>
    public static StartSyncBody From(string sessionId, AgbSyncRequest request) => new()
    {
        SessionId = sessionId,
        ContextId = request.ContextId,
        Path = request.Path,
        Mode = request.Mode,
        Force = request.Force,
        MaxDeletePercent = request.MaxDeletePercent,
    };

    /// <summary>The request of a body.</summary>
    public AgbSyncRequest ToRequest() =>
        new() { ContextId = ContextId, Path = Path, Mode = Mode, Force = Force, MaxDeletePercent = MaxDeletePercent };
}

/// <summary>A started sync.</summary>
public sealed record StartedSync
{
    /// <summary>The id for <see cref="AgbServerRoutes.CancelSync"/>, valid while the sync runs.</summary>
    public string? SyncId { get; init; }

    /// <summary>Its tasks.</summary>
    public IReadOnlyList<AgbSyncStatus>? Tasks { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.CancelSync"/>.</summary>
public sealed record CancelSyncBody
{
    /// <summary>The sync.</summary>
    public string? SyncId { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.GetSyncStatus"/>.</summary>
public sealed record SyncStatusBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Only this context.</summary>
    public string? ContextId { get; init; }

    /// <summary>Only this path.</summary>
    public string? Path { get; init; }

    /// <summary>Only this direction.</summary>
    public AgbSyncTaskType? TaskType { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.WaitSync"/>.</summary>
public sealed record WaitSyncBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The maximum wait.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Only this context.</summary>
    public string? ContextId { get; init; }

    /// <summary>Only this path.</summary>
    public string? Path { get; init; }
}
