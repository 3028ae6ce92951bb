using System.Dynamic;
using System.Linq.Expressions;

namespace Agb;

/// <summary>The direction of a sync.</summary>
public enum AgbSyncTaskType
{
    /// <summary>From the session to the context.</summary>
    Upload,

    /// <summary>From the context to the session.</summary>
    Download,
}

/// <summary>The status of a sync task.</summary>
public enum AgbSyncTaskStatus
{
    /// <summary>Registered, not begun.</summary>
    Pending,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>Done; an upload is durable.</summary>
    Success,

    /// <summary>Ended with an error.</summary>
    Failed,
}

/// <summary>The current task of one (context, path, direction) of a session.</summary>
public sealed record AgbSyncStatus : AgbObject, IDynamicMetaObjectProvider
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The context's name, or null if unknown.</summary>
    [JsonIgnore]
    public string? ContextName { get; init; }

    /// <summary>The mount path in the session, as given at creation.</summary>
    public required string Path { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType TaskType { get; init; }

    /// <summary>The status.</summary>
    public AgbSyncTaskStatus Status { get; init; }

    /// <summary>When the task was registered.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>The end of the task, or null before it.</summary>
    public DateTimeOffset? FinishTime { get; init; }

    /// <summary>Number of moved files: added, changed and deleted ones.</summary>
    public long Files { get; init; }

    /// <summary>Moved bytes of content; while an upload in the mode Archive runs, packed ones too.</summary>
    public long Bytes { get; init; }

    /// <summary>Total number of files to move, or null while unknown.</summary>
    public long? TotalFiles { get; init; }

    /// <summary>Total bytes of content to move, and of an archive to pack until its end; null while unknown.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>The reason of the failure, or null.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Skipped files, such as sockets and device nodes: one line each, at most 100.</summary>
    public IReadOnlyList<string> Skipped { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <summary>Warnings of a successful task, such as an emptied mount: one line each, at most 100.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <summary>The version made or fetched by the task, or null if nothing had changed.</summary>
    public long? Version { get; init; }

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}

/// <summary>A request for a sync.</summary>
public sealed record AgbSyncRequest
{
    /// <summary>Only this context; null for all mounted contexts.</summary>
    public string? ContextId { get; init; }

    /// <summary>Only the mount at this path; null for all.</summary>
    public string? Path { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType Mode { get; init; }

    /// <summary>In a download, replace also files changed by the session.</summary>
    public bool Force { get; init; }

    /// <summary>The maximum percentage of files stored under a mount for an upload to delete, 0 to 100; more is refused with
    /// TooManyDeletions. Null for no limit.</summary>
    public double? MaxDeletePercent { get; init; }
}

/// <summary>The action of a sync on one path.</summary>
public enum AgbSyncAction
{
    /// <summary>Added to the target.</summary>
    Add,

    /// <summary>Changed in the target.</summary>
    Change,

    /// <summary>Removed from the target.</summary>
    Delete,

    /// <summary>The difference stays, for the given reason.</summary>
    Keep,
}

/// <summary>One step of a planned sync.</summary>
public sealed record AgbSyncPlanItem : AgbObject, IDynamicMetaObjectProvider
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType TaskType { get; init; }

    /// <summary>The planned action.</summary>
    public required AgbSyncAction Action { get; init; }

    /// <summary>The absolute path in the session.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of content to move; 0 for directories, links and deletions.</summary>
    public long Size { get; init; }

    /// <summary>The reason of the action.</summary>
    public required string Reason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {Path}: {Reason}";

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}
