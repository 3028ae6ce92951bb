namespace Agb.Store;

/// <summary>Which paths of a mount its white lists cover. Paths are raw and relative to the mount; a path is covered when
/// one entry names it or a directory above it, and that entry's own excludes don't.</summary>
internal sealed class PathFilter
{
    private readonly (string Path, string[] Excludes)[] _entries;

    private PathFilter((string, string[])[] entries) => _entries = entries;

    /// <summary>Covers everything.</summary>
    internal static PathFilter All { get; } = new([]);

    /// <summary>Whether there is no white list.</summary>
    internal bool IsAll => _entries.Length == 0;

    /// <summary>The filter of a valid policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="mountPath">Where the session sees the mount: a path that begins with it is taken for absolute.</param>
    internal static PathFilter Of(AgbSyncPolicy policy, string mountPath) => policy.WhiteLists.Count == 0
        ? All
        : new([.. policy.WhiteLists.Select(entry =>
        {
            var path = Relative(entry.Path, mountPath);
            return (path, entry.ExcludePaths.Select(e => ExcludeOf(e, path, mountPath)).Where(e => e.Length > 0).ToArray());
        })]);

    /// <summary>A path of a policy, relative to the mount: it may begin with a slash or not, and with the mount's path.</summary>
    internal static string Relative(string path, string mountPath)
    {
        var rooted = path.StartsWith('/');
        var normal = string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(n => n != "."));
        var mount = mountPath.Trim('/');
        return Raw.FromText(
            !rooted || !Raw.IsAtOrBelow(normal, mount) ? normal
            : normal.Length == mount.Length ? ""
            : normal[(mount.Length + 1)..]);
    }

    /// <summary>Whether a path is synced.</summary>
    internal bool Covers(string path) => IsAll || _entries.Any(e =>
        Raw.IsAtOrBelow(path, e.Path) && !e.Excludes.Any(x => Raw.IsAtOrBelow(path, x)));

    /// <summary>Whether a path is a directory on the way to one that is synced.</summary>
    internal bool LeadsTo(string path) => !IsAll && _entries.Any(e => e.Path.Length > path.Length && Raw.IsAtOrBelow(e.Path, path));

    /// <summary>Whether the session and the context may both have an entry here: it is synced, or leads there.</summary>
    internal bool Admits(string path) => Covers(path) || LeadsTo(path);

    /// <summary>Whether all below a path that is synced is synced too.</summary>
    internal bool CoversAllBelow(string path) => IsAll || _entries.Any(e =>
        Raw.IsAtOrBelow(path, e.Path) && !e.Excludes.Any(x => Raw.IsAtOrBelow(path, x) || Raw.IsAtOrBelow(x, path)));

    // An exclude is relative to the mount where it lies below its entry that way, and else to the entry.
    private static string ExcludeOf(string exclude, string path, string mountPath)
    {
        var relative = Relative(exclude, mountPath);
        return relative.Length == 0 || path.Length == 0 || (relative.Length > path.Length && Raw.IsAtOrBelow(relative, path))
            ? relative
            : Raw.Join(path, relative);
    }
}
