using Agb.Engine.Catalog;
using Agb.Engine.Store;

namespace Agb.Engine.Sync;

/// <summary>Keeps the status of syncs: one current task for each (context, path, direction) of a session.</summary>
internal sealed class SyncTasks(EngineParts parts)
{
    /// <summary>Registers a task as pending.</summary>
    internal void Register(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type) =>
        TaskTable.Put(tx, Current(tx, mount, type) with
        {
            Status = AgbSyncTaskStatus.Pending,
            StartTime = parts.Time.GetUtcNow(),
            FinishTime = null,
            Files = 0,
            Bytes = 0,
            TotalFiles = null,
            TotalBytes = null,
            ErrorMessage = null,
            Skipped = [],
            Warnings = [],
            Version = null,
        });

    /// <summary>The task has begun.</summary>
    internal void Begin(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type) =>
        TaskTable.Put(tx, Current(tx, mount, type) with { Status = AgbSyncTaskStatus.Running });

    /// <summary>The task is going to move so much.</summary>
    internal void Expect(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, long files, long bytes) =>
        TaskTable.Put(tx, Current(tx, mount, type) with { TotalFiles = files, TotalBytes = bytes });

    /// <summary>The task has moved so much by now.</summary>
    internal void Progress(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, long files, long bytes) =>
        TaskTable.Put(tx, Current(tx, mount, type) with { Files = files, Bytes = bytes });

    /// <summary>The task is done.</summary>
    internal void Finish(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, UploadResult result) =>
        TaskTable.Put(tx, Current(tx, mount, type) with
        {
            Status = AgbSyncTaskStatus.Success,
            FinishTime = parts.Time.GetUtcNow(),
            Files = result.Files,
            Bytes = result.Bytes,
            Skipped = result.Skipped,
            Warnings = result.Warnings,
            Version = result.Version,
        });

    /// <summary>The task has failed.</summary>
    internal void Fail(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, Exception cause) =>
        TaskTable.Put(tx, Current(tx, mount, type) with
        {
            Status = AgbSyncTaskStatus.Failed,
            FinishTime = parts.Time.GetUtcNow(),
            ErrorMessage = cause is OperationCanceledException ? "The sync was cancelled." : cause.Message,
        });

    private AgbSyncStatus Current(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type) =>
        TaskTable.OfSession(tx, mount.SessionId)
            .Find(t => t.ContextId == mount.ContextId && t.Path == mount.Path && t.TaskType == type)
        ?? new AgbSyncStatus
        {
            SessionId = mount.SessionId,
            ContextId = mount.ContextId,
            Path = mount.Path,
            TaskType = type,
            StartTime = parts.Time.GetUtcNow(),
        };
}
