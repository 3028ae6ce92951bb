namespace Agb.Engine;

/// <summary>Keeps the status of syncs: one current task for each (context, path, direction) of a session. A new registration
/// replaces the current task, and the result of the old one is not written: a caller waiting for the new task must not see the
/// old one's end.</summary>
internal sealed class SyncTasks(EngineParts parts)
{
    /// <summary>Registers a task as pending.</summary>
    /// <returns>The time of registration, the task's identity.</returns>
    internal DateTimeOffset Register(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type)
    {
        // In the catalog's resolution, and later than any earlier registration.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(parts.Time.GetUtcNow().ToUnixTimeMilliseconds());
        var last = Find(tx, mount, type)?.StartTime;
        var time = now <= last ? last.Value.AddMilliseconds(1) : now;
        TaskTable.Put(tx, Current(tx, mount, type) with
        {
            Status = AgbSyncTaskStatus.Pending,
            StartTime = time,
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
        return time;
    }

    /// <summary>Sets the task to running.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="mount">The mount.</param>
    /// <param name="type">The direction.</param>
    /// <param name="registered">The time of registration; null for any current task.</param>
    internal void Begin(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, DateTimeOffset? registered = null)
    {
        if (IsCurrent(tx, mount, type, registered))
        {
            TaskTable.Put(tx, Current(tx, mount, type) with { Status = AgbSyncTaskStatus.Running });
        }
    }

    /// <summary>Sets the expected totals of the task.</summary>
    internal void Expect(
        CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, long files, long bytes, DateTimeOffset? registered)
    {
        if (IsCurrent(tx, mount, type, registered))
        {
            TaskTable.Put(tx, Current(tx, mount, type) with { TotalFiles = files, TotalBytes = bytes });
        }
    }

    /// <summary>Sets the progress of the task.</summary>
    internal void Progress(
        CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, long files, long bytes, DateTimeOffset? registered)
    {
        if (IsCurrent(tx, mount, type, registered))
        {
            TaskTable.Put(tx, Current(tx, mount, type) with { Files = files, Bytes = bytes });
        }
    }

    /// <summary>Sets the task to successful.</summary>
    internal void Finish(
        CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, UploadResult result, DateTimeOffset? registered = null)
    {
        if (!IsCurrent(tx, mount, type, registered))
        {
            return;
        }
        var current = Current(tx, mount, type);
        TaskTable.Put(tx, current with
        {
            Status = AgbSyncTaskStatus.Success,
            FinishTime = parts.Time.GetUtcNow(),
            Files = result.Files,
            Bytes = result.Bytes,
            TotalBytes = current.TotalBytes is null ? null : result.Bytes,
            Skipped = result.Skipped,
            Warnings = result.Warnings,
            Version = result.Version,
        });
    }

    /// <summary>Sets the task to failed.</summary>
    internal void Fail(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, Exception cause, DateTimeOffset? registered = null)
    {
        if (!IsCurrent(tx, mount, type, registered))
        {
            return;
        }
        TaskTable.Put(tx, Current(tx, mount, type) with
        {
            Status = AgbSyncTaskStatus.Failed,
            FinishTime = parts.Time.GetUtcNow(),
            ErrorMessage = cause is OperationCanceledException ? "The sync was cancelled." : cause.Message,
        });
    }

    private static bool IsCurrent(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type, DateTimeOffset? registered) =>
        registered is null || Find(tx, mount, type)?.StartTime == registered;

    private static AgbSyncStatus? Find(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type) =>
        TaskTable.OfSession(tx, mount.SessionId)
            .Find(t => t.ContextId == mount.ContextId && t.Path == mount.Path && t.TaskType == type);

    private AgbSyncStatus Current(CatalogTransaction tx, MountRow mount, AgbSyncTaskType type) =>
        Find(tx, mount, type)
        ?? new AgbSyncStatus
        {
            SessionId = mount.SessionId,
            ContextId = mount.ContextId,
            Path = mount.Path,
            TaskType = type,
            StartTime = parts.Time.GetUtcNow(),
        };

    /// <summary>Progress that is recorded in a task.</summary>
    internal SyncProgress ProgressOf(CatalogDb catalog, TimeProvider time, MountRow mount, AgbSyncTaskType type, DateTimeOffset? registered) => new(
        time,
        (files, bytes) => catalog.WriteLazily(tx => Expect(tx, mount, type, files, bytes, registered)),
        (files, bytes) => catalog.WriteLazily(tx => Progress(tx, mount, type, files, bytes, registered)));
}
