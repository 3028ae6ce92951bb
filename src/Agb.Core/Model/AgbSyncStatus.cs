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

/// <summary>How far a sync is.</summary>
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

    /// <summary>The context's name, or null where it is not known.</summary>
    public string? ContextName { get; init; }

    /// <summary>The mount path in the session, as given at creation.</summary>
    public required string Path { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType TaskType { get; init; }

    /// <summary>How far the task is.</summary>
    public AgbSyncTaskStatus Status { get; init; }

    /// <summary>When the task was registered.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>When the task ended, or null while it has not.</summary>
    public DateTimeOffset? FinishTime { get; init; }

    /// <summary>Files moved: added, changed and deleted ones.</summary>
    public long Files { get; init; }

    /// <summary>Bytes of content moved.</summary>
    public long Bytes { get; init; }

    /// <summary>How many files the task is going to move in all, or null while that is not known.</summary>
    public long? TotalFiles { get; init; }

    /// <summary>How many bytes of content the task is going to move in all, or null while that is not known.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>Why the task failed, or null.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>What was left out, such as sockets and device nodes: one line each, at most 100.</summary>
    public IReadOnlyList<string> Skipped { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <summary>What the user should know although the task did what was asked, such as that a mount was emptied: a line each,
    /// at most 100.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <summary>The context's version that the task made or brought, or null when nothing had changed.</summary>
    public long? Version { get; init; }

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}

/// <summary>What to sync.</summary>
public sealed record AgbSyncRequest
{
    /// <summary>Only this context; null for all that the session mounts.</summary>
    public string? ContextId { get; init; }

    /// <summary>Only the mount at this path; null for all.</summary>
    public string? Path { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType Mode { get; init; }

    /// <summary>In a download, replace files that the session changed since it got them too.</summary>
    public bool Force { get; init; }

    /// <summary>Refuse an upload, with TooManyDeletions, that would delete more than so many percent of the files stored under
    /// a mount; null for no limit. 0 to 100.</summary>
    public double? MaxDeletePercent { get; init; }
}

/// <summary>What a sync does with one path.</summary>
public enum AgbSyncAction
{
    /// <summary>The target has nothing there yet.</summary>
    Add,

    /// <summary>The target has something else there.</summary>
    Change,

    /// <summary>The target's is removed.</summary>
    Delete,

    /// <summary>The difference stays; the reason says why.</summary>
    Keep,
}

/// <summary>One step of what a sync would do.</summary>
public sealed record AgbSyncPlanItem : AgbObject, IDynamicMetaObjectProvider
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The context.</summary>
    public required string ContextId { get; init; }

    /// <summary>The direction.</summary>
    public AgbSyncTaskType TaskType { get; init; }

    /// <summary>What would be done.</summary>
    public required AgbSyncAction Action { get; init; }

    /// <summary>The absolute path in the session.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of content that would be moved; 0 for directories, links and deletions.</summary>
    public long Size { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {Path}: {Reason}";

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new PathMember(parameter, this);
}
