using System.Globalization;

namespace Agb.PowerShell.Hosting;

/// <summary>What is shown of syncs while they run.</summary>
internal static class SyncProgress
{
    /// <summary>What the tasks have moved, of how much where all of them know that.</summary>
    internal static string Text(IReadOnlyCollection<AgbSyncStatus> tasks)
    {
        var (files, bytes) = (tasks.Sum(t => t.Files), tasks.Sum(t => t.Bytes));
        return Totals(tasks) is var (totalFiles, totalBytes)
            ? string.Create(
                CultureInfo.InvariantCulture, $"{files:N0} of {totalFiles:N0} files, {Units.Size(bytes)} of {Units.Size(totalBytes)}")
            : string.Create(CultureInfo.InvariantCulture, $"{files:N0} files, {Units.Size(bytes)}");
    }

    /// <summary>How much of their work the tasks have done, in percent: by bytes, or by files where there are none to move; null
    /// while a task does not know how much it has to do.</summary>
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

    // A file that grew since the plan was made brings more than was expected.
    private static int Percent(long done, long total) => (int)Math.Clamp(100 * done / total, 0, 100);
}
