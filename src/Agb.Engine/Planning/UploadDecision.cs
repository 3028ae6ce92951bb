namespace Agb.Engine;

/// <summary>Checks before an upload, and warnings after it.</summary>
internal static class UploadDecision
{
    /// <summary>Refuses an upload that would delete more than the caller allows.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="deleted">Number of files to delete.</param>
    /// <param name="limit">The limit in percent, or null for none.</param>
    /// <param name="stored">Counts the stored files under the mount; called only if there is a limit.</param>
    /// <exception cref="AgbException">TooManyDeletions.</exception>
    internal static void Require(MountRow row, long deleted, double? limit, Func<long> stored)
    {
        if (limit is not { } most || deleted == 0 || stored() is var count && 100.0 * deleted <= most * count)
        {
            return;
        }
        throw new AgbException(
            AgbErrorIds.TooManyDeletions, AgbErrorKind.InvalidState,
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"The upload of '{row.Path}' would delete {deleted} of {count} stored files ({100.0 * deleted / Math.Max(1, count):0.##} percent); at most {most:0.##} percent are allowed. Nothing was changed."),
            target: row.Path) { Advice = AgbAdvice.AllowDeletions };
    }

    /// <summary>Counts the files covered by the filter in a stored directory.</summary>
    internal static long CountFiles(MergedDirectory directory, PathFilter filter) => CountFiles(directory, filter, "");

    /// <summary>Whether the session's tree has no entry covered by the filter.</summary>
    internal static bool IsEmpty(MergedDirectory session, PathFilter filter, string path = "")
    {
        // By name only: the first name is mostly enough, and a mount may have very many.
        foreach (var entry in new MergedListing().Of(session))
        {
            var child = BytePath.Join(path, entry.Name);
            if (filter.Covers(child))
            {
                return false;
            }
            if (entry.Kind == EntryKind.Directory && filter.LeadsTo(child))
            {
                using var below = session.OpenChild(entry.Name);
                if (!IsEmpty(below, filter, child))
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// <summary>Warning about an upload from an empty mount.</summary>
    internal static string Emptied(MountRow row, long deleted, long before) =>
        $"The mount '{row.Path}' was empty: this upload deleted {deleted} files in the context. Version {before} still has them and can be restored.";

    /// <summary>Warning about an upload of possibly incomplete files.</summary>
    internal static string LeftOut(MountRow row, int entries, string doubt) =>
        $"Of the mount '{row.Path}' {entries} {(entries == 1 ? "entry was" : "entries were")} left out, because {doubt} and nothing proves them whole. The sync's Skipped lists them.";

    private static long CountFiles(MergedDirectory directory, PathFilter filter, string path)
    {
        var count = 0L;
        foreach (var entry in new MergedListing().Of(directory))
        {
            var child = BytePath.Join(path, entry.Name);
            if (entry.Kind != EntryKind.Directory)
            {
                count += filter.Covers(child) ? 1 : 0;
            }
            else if (filter.Admits(child))
            {
                using var below = directory.OpenChild(entry.Name);
                count += CountFiles(below, filter, child);
            }
        }
        return count;
    }
}
