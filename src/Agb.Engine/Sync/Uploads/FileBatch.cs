namespace Agb.Engine;

/// <summary>Steps of a plan, one after another, that store plain files of one directory and depend on nothing but it.</summary>
/// <param name="Directory">The directory, raw, relative to the mount's origin.</param>
/// <param name="Start">The first step's place in the plan.</param>
/// <param name="Count">How many steps.</param>
internal readonly record struct FileBatch(string Directory, int Start, int Count)
{
    // Few enough that a directory of very many files is shared by all threads, enough that opening it costs nothing.
    private const int MostFiles = 128;

    /// <summary>Divides what can be divided of a plan.</summary>
    /// <returns>None when it is not worth it.</returns>
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
            var (start, directory) = (i, Raw.DirectoryOf(steps[i].Path));
            while (i + 1 < steps.Count && i + 1 - start < MostFiles && IsPlain(steps[i + 1]) && IsIn(steps[i + 1].Path, directory))
            {
                i++;
            }
            batches.Add(new FileBatch(directory, start, i + 1 - start));
            files += i + 1 - start;
        }
        return files < InodePlacement.ManyFiles ? [] : batches;
    }

    // Files with several names are stored once and linked, which takes an order.
    private static bool IsPlain(SyncStep step) =>
        step is { Operation: SyncOperation.Put, Stat: { Kind: EntryKind.File, Nlink: 1 } };

    private static bool IsIn(string path, string directory) =>
        path.LastIndexOf('/') == (directory.Length == 0 ? -1 : directory.Length) && path.StartsWith(directory, StringComparison.Ordinal);
}
