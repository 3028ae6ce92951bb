namespace Agb.PowerShell;

/// <summary>The progress texts of running syncs.</summary>
internal static class SyncProgress
{
    /// <summary>The files and bytes moved by the tasks, with totals if all tasks know them.</summary>
    internal static string Text(IReadOnlyCollection<AgbSyncStatus> tasks)
    {
        var (files, bytes) = (tasks.Sum(t => t.Files), tasks.Sum(t => t.Bytes));
        return Totals(tasks) is var (totalFiles, totalBytes)
            ? string.Create(
                CultureInfo.InvariantCulture, $"{files:N0} of {totalFiles:N0} files, {Units.Size(bytes)} of {Units.Size(totalBytes)}")
            : string.Create(CultureInfo.InvariantCulture, $"{files:N0} files, {Units.Size(bytes)}");
    }

    /// <summary>The progress of the tasks in percent: by bytes, or by files without bytes to move; null while a task does not
    /// know its total.</summary>
    internal static int? Percent(IReadOnlyCollection<AgbSyncStatus> tasks) => Totals(tasks) switch
    {
        (_, > 0) totals => Percent(tasks.Sum(t => t.Bytes), totals.Bytes),
        ( > 0, _) totals => Percent(tasks.Sum(t => t.Files), totals.Files),
        _ => null,
    };

    private static (long Files, long Bytes)? Totals(IReadOnlyCollection<AgbSyncStatus> tasks) =>
        tasks.Any(t => t.TotalFiles is null || t.TotalBytes is null)
            ? null
            : (tasks.Sum(t => t.TotalFiles!.Value), tasks.Sum(t => t.TotalBytes!.Value));

    // A file that grew after planning brings more than expected.
    private static int Percent(long done, long total) => (int)Math.Clamp(100 * done / total, 0, 100);
}
