namespace Agb.PowerShell.Files;

/// <summary>A file, directory or link of a tree, wherever that is.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Size">Bytes of content; 0 for directories and links.</param>
/// <param name="ModifiedAt">When the content was modified.</param>
/// <param name="Mode">The permission bits, or null where they are not known.</param>
/// <param name="LinkTarget">Where a link points, else null.</param>
/// <param name="ETag">Names the content, or null.</param>
/// <param name="Open">Opens the content of a file.</param>
internal sealed record TreeEntry(
    AgbFileType Type, long Size, DateTimeOffset ModifiedAt, int? Mode, string? LinkTarget, string? ETag,
    Func<CancellationToken, Task<Stream>> Open)
{
    /// <summary>The parts of a mode that are stored: permissions, set-id bits and the sticky bit (chmod(2)).</summary>
    internal const int ModeBits = 0xFFF;

    /// <summary>A file of a context.</summary>
    internal static TreeEntry Of(AgbContextFile file, ContextView view) => new(
        file.Type, file.Size, file.ModifiedAt, file.Mode, file.LinkTarget, file.ETag,
        async token => (await view.Service.OpenContextFileAsync(
            view.Context.Id, file.Path, view.Version, 0, token).ConfigureAwait(false)).Content);

    /// <summary>The tree at a path of a context, by path below it.</summary>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound. A path with nothing stored is an empty tree.</exception>
    internal static async Task<SortedDictionary<string, TreeEntry>> TreeAsync(
        ContextView view, string path, CancellationToken cancellationToken)
    {
        var tree = NewTree();
        await foreach (var file in view.ListAsync(path, recurse: true, cancellationToken).ConfigureAwait(false))
        {
            tree[ContextPath.Below(file.Path, path)] = Of(file, view);
        }
        return tree;
    }

    /// <summary>An empty tree, in the order of a walk: a directory before what is in it, names by their characters.</summary>
    internal static SortedDictionary<string, TreeEntry> NewTree() => new(WalkOrder);

    /// <summary>Sorts paths as a walk meets them.</summary>
    internal static readonly IComparer<string> WalkOrder = Comparer<string>.Create((a, b) =>
        string.CompareOrdinal(a.Replace('/', '\0'), b.Replace('/', '\0')));

    /// <summary>Whether two times are the same as far as the coarser of both is kept: services keep ticks, milliseconds or
    /// seconds.</summary>
    internal static bool IsSameTime(DateTimeOffset a, DateTimeOffset b)
    {
        foreach (var unit in (long[])[TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond])
        {
            if ((a.UtcTicks % unit == 0 || b.UtcTicks % unit == 0) && a.UtcTicks / unit == b.UtcTicks / unit)
            {
                return true;
            }
        }
        return a.UtcTicks == b.UtcTicks;
    }
}
