namespace Agb.Protocol;

/// <summary>The answer of GetContextInfo.</summary>
/// <param name="ContextStatus">The sync tasks: JSON in a string, encoded twice, see <see cref="ContextStatusJson"/>.</param>
public sealed record ContextInfoData(string? ContextStatus = null);

/// <summary>A group of <see cref="ContextInfoData.ContextStatus"/>.</summary>
/// <param name="Type"><c>data</c>.</param>
/// <param name="Data">An array of <see cref="SyncTaskItem"/>, as JSON.</param>
public sealed record ContextStatusGroup(string? Type = null, string? Data = null)
{
    /// <summary>The type of the only relevant group.</summary>
    public const string DataType = "data";
}

/// <summary>One sync task.</summary>
public sealed record SyncTaskItem
{
    /// <summary>The context.</summary>
    public string? ContextId { get; init; }

    /// <summary>The mount path in the session, as given.</summary>
    public string? Path { get; init; }

    /// <summary>The reason of the failure; empty without failure.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary><c>Success</c> and <c>Failed</c> are the ends; any other word means a running task.</summary>
    public string? Status { get; init; }

    /// <summary>Seconds since 1970; 0 for not yet.</summary>
    public long StartTime { get; init; }

    /// <summary>Seconds since 1970; 0 for not yet.</summary>
    public long FinishTime { get; init; }

    /// <summary><c>upload</c> or <c>download</c>.</summary>
    public string? TaskType { get; init; }

    /// <summary>The item for a task.</summary>
    public static SyncTaskItem From(AgbSyncStatus task) => new()
    {
        ContextId = task.ContextId,
        Path = task.Path,
        ErrorMessage = task.ErrorMessage ?? "",
        Status = task.Status.ToString(),
        StartTime = task.StartTime.ToUnixTimeSeconds(),
        FinishTime = task.FinishTime?.ToUnixTimeSeconds() ?? 0,
        TaskType = SyncWords.From(task.TaskType),
    };

    /// <summary>The task of an item; null for items other than uploads and downloads.</summary>
    public AgbSyncStatus? ToStatus(string sessionId, IAgbService? service) => TaskType is not ("upload" or "download")
        ? null
        : new AgbSyncStatus
        {
            Service = service,
            SessionId = sessionId,
            ContextId = ContextId ?? "",
            Path = Path ?? "",
            TaskType = TaskType == "upload" ? AgbSyncTaskType.Upload : AgbSyncTaskType.Download,
            Status = Status switch
            {
                "Success" => AgbSyncTaskStatus.Success,
                "Failed" => AgbSyncTaskStatus.Failed,
                "Pending" => AgbSyncTaskStatus.Pending,
                _ => AgbSyncTaskStatus.Running,
            },
            StartTime = WireTime.FromUnix(StartTime) ?? default,
            FinishTime = WireTime.FromUnix(FinishTime),
            ErrorMessage = ErrorMessage is { Length: > 0 } ? ErrorMessage : null,
        };
}

/// <summary>The words for the direction of a sync.</summary>
public static class SyncWords
{
    /// <summary>The word for a direction.</summary>
    public static string From(AgbSyncTaskType type) => type == AgbSyncTaskType.Upload ? "upload" : "download";

    /// <summary>The direction of a word; null for an absent or empty one.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    public static AgbSyncTaskType? To(string? word, string parameter) => word switch
    {
        null or "" => null,
        "upload" => AgbSyncTaskType.Upload,
        "download" => AgbSyncTaskType.Download,
        _ => throw AgbErrors.Invalid(
            AgbErrorIds.InvalidRequest, $"The parameter '{parameter}' is '{word}'; expected upload or download.", target: word),
    };
}

/// <summary>The doubly encoded string of GetContextInfo.</summary>
public static class ContextStatusJson
{
    /// <summary>The string for tasks.</summary>
    public static string Write(IEnumerable<SyncTaskItem> tasks)
    {
        var items = JsonSerializer.Serialize([.. tasks], TaskJson.Default.IReadOnlyListSyncTaskItem);
        return JsonSerializer.Serialize(
            [new ContextStatusGroup { Type = ContextStatusGroup.DataType, Data = items }], TaskJson.Default.IReadOnlyListContextStatusGroup);
    }

    /// <summary>The tasks of a string; an empty or absent one has none.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    public static IReadOnlyList<SyncTaskItem> Read(string? contextStatus) => string.IsNullOrWhiteSpace(contextStatus)
        ? []
        :
        [
            .. WireReader.Read(contextStatus, TaskJson.Default.IReadOnlyListContextStatusGroup, "context status")
                .Where(g => g?.Type == ContextStatusGroup.DataType && !string.IsNullOrWhiteSpace(g.Data))
                .SelectMany(g => WireReader.Read(g.Data!, TaskJson.Default.IReadOnlyListSyncTaskItem, "context status"))
                .Where(i => i is not null),
        ];
}
