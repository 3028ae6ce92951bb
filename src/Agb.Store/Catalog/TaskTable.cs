namespace Agb.Store;

/// <summary>Sync tasks in the catalog: the current one of each (session, context, path, direction).</summary>
internal static class TaskTable
{
    private const string Columns =
        "session_id, context_id, path, type, status, started_at, finished_at, files, bytes, error, skipped, version, owner, warnings, total_files, total_bytes";

    /// <summary>Registers a task in place of the one before.</summary>
    internal static void Put(CatalogTransaction tx, AgbSyncStatus task) => tx.Execute(
        $"INSERT OR REPLACE INTO tasks ({Columns}) VALUES ($session, $context, $path, $type, $status, $started, $finished, $files, $bytes, $error, $skipped, $version, $owner, $warnings, $totalFiles, $totalBytes)",
        ("$session", task.SessionId), ("$context", task.ContextId), ("$path", task.Path), ("$type", task.TaskType.ToString()),
        ("$status", task.Status.ToString()), ("$started", task.StartTime), ("$finished", task.FinishTime), ("$files", task.Files),
        ("$bytes", task.Bytes), ("$error", task.ErrorMessage), ("$skipped", string.Join('\n', task.Skipped)),
        ("$version", task.Version), ("$owner", ProcessOwner.Current), ("$warnings", string.Join('\n', task.Warnings)),
        ("$totalFiles", task.TotalFiles), ("$totalBytes", task.TotalBytes));

    /// <summary>Tasks of a session; an unfinished task of a dead process counts as failed.</summary>
    internal static List<AgbSyncStatus> OfSession(CatalogTransaction tx, string sessionId) => tx.Query(
        $"SELECT {Columns} FROM tasks WHERE session_id = $id ORDER BY path, type", Map, ("$id", sessionId));

    private static AgbSyncStatus Map(SqliteDataReader r)
    {
        var task = new AgbSyncStatus
        {
            SessionId = r.GetString(0),
            ContextId = r.GetString(1),
            Path = r.GetString(2),
            TaskType = Enum.Parse<AgbSyncTaskType>(r.GetString(3)),
            Status = Enum.Parse<AgbSyncTaskStatus>(r.GetString(4)),
            StartTime = CatalogTransaction.Time(r, 5),
            FinishTime = CatalogTransaction.OptionalTime(r, 6),
            Files = r.GetInt64(7),
            Bytes = r.GetInt64(8),
            ErrorMessage = CatalogTransaction.OptionalText(r, 9),
            Skipped = r.GetString(10).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Version = CatalogTransaction.OptionalLong(r, 11),
            TotalFiles = CatalogTransaction.OptionalLong(r, 14),
            TotalBytes = CatalogTransaction.OptionalLong(r, 15),
            Warnings = r.GetString(13).Split('\n', StringSplitOptions.RemoveEmptyEntries),
        };
        return task.Status is AgbSyncTaskStatus.Pending or AgbSyncTaskStatus.Running && !ProcessOwner.IsAlive(r.GetString(12))
            ? task with { Status = AgbSyncTaskStatus.Failed, ErrorMessage = "The process that ran the sync ended before the sync did." }
            : task;
    }
}
