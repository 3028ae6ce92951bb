namespace Agb.PowerShell;

/// <summary>A file, directory or link of a tree, local or in a context.</summary>
/// <param name="Type">The type.</param>
/// <param name="Size">Bytes of content; 0 for directories and links.</param>
/// <param name="ModifiedAt">The last modification of the content.</param>
/// <param name="Mode">The permission bits; null if unknown.</param>
/// <param name="LinkTarget">The target of a link, else null.</param>
/// <param name="ETag">Names the content, or null.</param>
/// <param name="Open">Opens the content of a file.</param>
internal sealed record TreeEntry(
    AgbFileType Type, long Size, DateTimeOffset ModifiedAt, int? Mode, string? LinkTarget, string? ETag,
    Func<CancellationToken, Task<Stream>> Open)
{
    /// <summary>The stored bits of a mode: permissions, set-id bits and the sticky bit (chmod(2)).</summary>
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

    /// <summary>Creates an empty tree in the order of a walk: a directory before its content, names by their
    /// characters.</summary>
    internal static SortedDictionary<string, TreeEntry> NewTree() => new(WalkOrder);

    /// <summary>Compares paths in the order of a walk.</summary>
    internal static readonly IComparer<string> WalkOrder = Comparer<string>.Create((a, b) =>
        string.CompareOrdinal(a.Replace('/', '\0'), b.Replace('/', '\0')));

    /// <summary>Whether two times are equal at the coarser of both precisions: services keep ticks, milliseconds or
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
