namespace Agb.Engine;

/// <summary>Consecutive steps of a plan for plain files of one directory, without other dependencies.</summary>
/// <param name="Directory">The directory, raw, relative to the mount's origin.</param>
/// <param name="Start">The index of the first step in the plan.</param>
/// <param name="Count">The number of steps.</param>
internal readonly record struct FileBatch(string Directory, int Start, int Count)
{
    // Small enough to share a very large directory between all threads, large enough to make its opening cheap.
    private const int MostFiles = 128;

    /// <summary>Divides the independent steps of a plan into batches.</summary>
    /// <returns>Empty for few files.</returns>
    internal static IReadOnlyList<FileBatch> Divide(IReadOnlyList<SyncStep> steps)
    {
        var batches = new List<FileBatch>();
        var files = 0;
        for (var i = 0; i < steps.Count; i++)
        {
            if (!IsPlain(steps[i]))
            {
                continue;
            }
            var (start, directory) = (i, BytePath.DirectoryOf(steps[i].Path));
            while (i + 1 < steps.Count && i + 1 - start < MostFiles && IsPlain(steps[i + 1]) && IsIn(steps[i + 1].Path, directory))
            {
                i++;
            }
            batches.Add(new FileBatch(directory, start, i + 1 - start));
            files += i + 1 - start;
        }
        return files < InodePlacement.ManyFiles ? [] : batches;
    }

    // Files with several names are stored once and then linked, so their order matters. Large ones use several threads each.
    private static bool IsPlain(SyncStep step) =>
        step is { Operation: SyncOperation.Put, Stat: { Kind: EntryKind.File, Nlink: 1 } } && !LargeUpload.IsLarge(step);

    private static bool IsIn(string path, string directory) =>
        path.LastIndexOf('/') == (directory.Length == 0 ? -1 : directory.Length) && path.StartsWith(directory, StringComparison.Ordinal);
}
