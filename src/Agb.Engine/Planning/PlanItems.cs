namespace Agb.Engine;

/// <summary>Converts the plan of an upload or a download for callers.</summary>
internal static class PlanItems
{
    internal static IEnumerable<AgbSyncPlanItem> Of(SyncPlan plan, MountRow row)
    {
        var make = new Maker(row, AgbSyncTaskType.Upload);
        foreach (var step in plan.Steps.Where(s => s.Operation != SyncOperation.Delete))
        {
            var isNew = step.Reason == SyncReason.Added;
            yield return make.Item(
                isNew ? AgbSyncAction.Add : AgbSyncAction.Change, step.Path, step.Stat,
                step.Operation == SyncOperation.ReplaceDirectory ? "replaced in the session"
                : isNew ? "not stored yet"
                : step.Operation == SyncOperation.PutDirectory ? "directory attributes changed in the session"
                : "changed in the session");
        }
        foreach (var path in plan.DeletedFiles)
        {
            yield return make.Item(AgbSyncAction.Delete, path, default, "deleted in the session");
        }
        var files = plan.DeletedFiles.ToHashSet(StringComparer.Ordinal);
        foreach (var step in plan.Steps.Where(s => s.Operation == SyncOperation.Delete && !files.Contains(s.Path)))
        {
            yield return make.Item(AgbSyncAction.Delete, step.Path, default, "a directory deleted in the session");
        }
        foreach (var kept in plan.Kept)
        {
            yield return make.Item(AgbSyncAction.Keep, kept.Path, default, kept.Why);
        }
        foreach (var entry in plan.LeftOut.Where(e => e.Stat.Kind == EntryKind.Unstorable))
        {
            yield return make.Item(AgbSyncAction.Keep, entry.Path, default, "sockets and device nodes are not stored");
        }
        var unlisted = plan.Unlisted.Select(e => e.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var path in plan.Unlisted.Select(e => e.Path).Where(p => !unlisted.Contains(BytePath.DirectoryOf(p))))
        {
            yield return make.Item(AgbSyncAction.Keep, path, default, "not on the white list");
        }
    }

    internal static IEnumerable<AgbSyncPlanItem> Of(DownloadPlan plan, MountRow row)
    {
        var make = new Maker(row, AgbSyncTaskType.Download);
        foreach (var step in plan.Steps.Where(s => s.Operation is not (DownloadOperation.Note or DownloadOperation.SetTime)))
        {
            yield return step.Operation switch
            {
                DownloadOperation.MakeDirectory => make.Item(AgbSyncAction.Add, step.Path, default, "directory missing in the session"),
                DownloadOperation.Put when step.Reason == SyncReason.Added => make.Item(AgbSyncAction.Add, step.Path, step.Stat, "missing in the session"),
                DownloadOperation.Put => make.Item(AgbSyncAction.Change, step.Path, step.Stat, "different in the context"),
                DownloadOperation.SetDirectory => make.Item(AgbSyncAction.Change, step.Path, default, "directory attributes different in the context"),
                DownloadOperation.DeleteDirectory => make.Item(AgbSyncAction.Delete, step.Path, default, "directory no longer stored"),
                _ => make.Item(AgbSyncAction.Delete, step.Path, default, "no longer stored"),
            };
        }
        foreach (var kept in plan.Kept)
        {
            yield return make.Item(AgbSyncAction.Keep, kept.Path, default, kept.Why);
        }
    }

    private sealed class Maker(MountRow row, AgbSyncTaskType type)
    {
        internal AgbSyncPlanItem Item(AgbSyncAction action, string path, FileStat stat, string reason) => new()
        {
            SessionId = row.SessionId,
            ContextId = row.ContextId,
            TaskType = type,
            Action = action,
            Path = path.Length == 0 ? row.Path : $"{row.Path}/{BytePath.ToDisplay(path)}",
            Size = stat.Kind == EntryKind.File ? stat.Size : 0,
            Reason = reason,
        };
    }
}
