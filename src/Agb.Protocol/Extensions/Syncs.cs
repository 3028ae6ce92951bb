namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbExtensionRoutes.StartSync"/> and <see cref="AgbExtensionRoutes.PlanSync"/>.</summary>
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
    /// <summary>The id for <see cref="AgbExtensionRoutes.CancelSync"/>, valid while the sync runs.</summary>
    public string? SyncId { get; init; }

    /// <summary>Its tasks.</summary>
    public IReadOnlyList<SyncStatusDetail>? Tasks { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.CancelSync"/>.</summary>
public sealed record CancelSyncBody
{
    /// <summary>The sync.</summary>
    public string? SyncId { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.GetSyncStatus"/>.</summary>
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

/// <summary>The body of <see cref="AgbExtensionRoutes.WaitSync"/>.</summary>
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

/// <summary>A full sync task.</summary>
public sealed record SyncStatusDetail
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The mount path.</summary>
    public required string Path { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType TaskType { get; init; }

    /// <summary>The status.</summary>
    public AgbSyncTaskStatus Status { get; init; }

    /// <summary>The time of the registration.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>The time of the end.</summary>
    public DateTimeOffset? FinishTime { get; init; }

    /// <summary>Files moved.</summary>
    public long Files { get; init; }

    /// <summary>Bytes moved.</summary>
    public long Bytes { get; init; }

    /// <summary>Total files to move.</summary>
    public long? TotalFiles { get; init; }

    /// <summary>Total bytes to move.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>The reason of the failure.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The skipped files.</summary>
    public IReadOnlyList<string>? Skipped { get; init; }

    /// <summary>Warnings of a successful task.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>The version made or fetched.</summary>
    public long? Version { get; init; }

    /// <summary>The message for a task.</summary>
    public static SyncStatusDetail From(AgbSyncStatus task) => new()
    {
        SessionId = task.SessionId,
        ContextId = task.ContextId,
        Path = task.Path,
        TaskType = task.TaskType,
        Status = task.Status,
        StartTime = task.StartTime,
        FinishTime = task.FinishTime,
        Files = task.Files,
        Bytes = task.Bytes,
        TotalFiles = task.TotalFiles,
        TotalBytes = task.TotalBytes,
        ErrorMessage = task.ErrorMessage,
        Skipped = task.Skipped,
        Warnings = task.Warnings,
        Version = task.Version,
    };

    /// <summary>The task of a message.</summary>
    public AgbSyncStatus ToStatus(IAgbService? service) => new()
    {
        Service = service,
        SessionId = SessionId,
        ContextId = ContextId,
        Path = Path,
        TaskType = TaskType,
        Status = Status,
        StartTime = StartTime,
        FinishTime = FinishTime,
        Files = Files,
        Bytes = Bytes,
        TotalFiles = TotalFiles,
        TotalBytes = TotalBytes,
        ErrorMessage = ErrorMessage,
        Skipped = Skipped ?? [],
        Warnings = Warnings ?? [],
        Version = Version,
    };
}

/// <summary>One step of a planned sync.</summary>
public sealed record SyncPlanDetail
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType TaskType { get; init; }

    /// <summary>The planned action.</summary>
    public AgbSyncAction Action { get; init; }

    /// <summary>The path in the session.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes to move.</summary>
    public long Size { get; init; }

    /// <summary>The reason of the action.</summary>
    public required string Reason { get; init; }

    /// <summary>The message for a step.</summary>
    public static SyncPlanDetail From(AgbSyncPlanItem item) => new()
    {
        SessionId = item.SessionId,
        ContextId = item.ContextId,
        TaskType = item.TaskType,
        Action = item.Action,
        Path = item.Path,
        Size = item.Size,
        Reason = item.Reason,
    };

    /// <summary>The step of a message.</summary>
    public AgbSyncPlanItem ToItem(IAgbService? service) => new()
    {
        Service = service,
        SessionId = SessionId,
        ContextId = ContextId,
        TaskType = TaskType,
        Action = Action,
        Path = Path,
        Size = Size,
        Reason = Reason,
    };
}
