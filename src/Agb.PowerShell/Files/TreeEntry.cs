namespace Agb.PowerShell;

/// <summary>A file, directory or link of a tree, local or in a context.</summary>
internal sealed record TreeEntry
{
    internal required AgbFileType Type { get; init; }

    /// <summary>Bytes of content; 0 for directories and links.</summary>
    internal long Size { get; init; }

    /// <summary>The last modification of the content.</summary>
    internal required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>The permission bits; null if unknown.</summary>
    internal int? Mode { get; init; }

    /// <summary>The target of a link, else null.</summary>
    internal string? LinkTarget { get; init; }

    /// <summary>Names the content, or null.</summary>
    internal string? ETag { get; init; }

    /// <summary>Opens the content of a file.</summary>
    internal Func<CancellationToken, Task<Stream>> Open { get; init; } = static _ => Task.FromResult(Stream.Null);

    /// <summary>The stored bits of a mode: permissions, set-id bits and the sticky bit (chmod(2)).</summary>
    internal const int ModeBits = 0xFFF;

    /// <summary>A file of a context.</summary>
    internal static TreeEntry Of(AgbContextFile file, ContextView view) => new()
    {
        Type = file.Type,
        Size = file.Size,
        ModifiedAt = file.ModifiedAt,
        Mode = file.Mode,
        LinkTarget = file.LinkTarget,
        ETag = file.ETag,
        Open = async token => (await view.Service.OpenContextFileAsync(
            view.Context, file.Path, view.Version, 0, token).ConfigureAwait(false)).Content,
    };

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
