namespace Agb.Store;

/// <summary>The paths of a mount covered by its white lists. Paths are raw and relative to the mount; an entry covers its own
/// path and all paths below, without the entry's own excludes.</summary>
internal sealed class PathFilter
{
    private readonly (string Path, string[] Excludes)[] _entries;

    private PathFilter((string, string[])[] entries) => _entries = entries;

    /// <summary>Covers everything.</summary>
    internal static PathFilter All { get; } = new([]);

    /// <summary>Whether there is no white list.</summary>
    internal bool IsAll => _entries.Length == 0;

    /// <summary>Creates the filter of a valid policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="mountPath">Path of the mount in the session; a path with this prefix counts as absolute.</param>
    internal static PathFilter Of(AgbSyncPolicy policy, string mountPath) => policy.WhiteLists.Count == 0
        ? All
        : new([.. policy.WhiteLists.Select(entry =>
        {
            var path = Relative(entry.Path, mountPath);
            return (path, entry.ExcludePaths.Select(e => ExcludeOf(e, path, mountPath)).Where(e => e.Length > 0).ToArray());
        })]);

    /// <summary>A path of a policy, relative to the mount. The leading slash and the mount's path are optional in it.</summary>
    internal static string Relative(string path, string mountPath)
    {
        var rooted = path.StartsWith('/');
        var normal = string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(n => n != "."));
        var mount = mountPath.Trim('/');
        return BytePath.FromText(
            !rooted || !BytePath.IsAtOrBelow(normal, mount) ? normal
            : normal.Length == mount.Length ? ""
            : normal[(mount.Length + 1)..]);
    }

    /// <summary>Whether a path is synced.</summary>
    internal bool Covers(string path) => IsAll || _entries.Any(e =>
        BytePath.IsAtOrBelow(path, e.Path) && !e.Excludes.Any(x => BytePath.IsAtOrBelow(path, x)));

    /// <summary>Whether a path is a directory on the way to a synced path.</summary>
    internal bool LeadsTo(string path) => !IsAll && _entries.Any(e => e.Path.Length > path.Length && BytePath.IsAtOrBelow(e.Path, path));

    /// <summary>Whether session and context may both have an entry here: a synced path, or a
    /// directory on the way to one.</summary>
    internal bool Admits(string path) => Covers(path) || LeadsTo(path);

    /// <summary>Whether everything below a synced path is synced too.</summary>
    internal bool CoversAllBelow(string path) => IsAll || _entries.Any(e =>
        BytePath.IsAtOrBelow(path, e.Path) && !e.Excludes.Any(x => BytePath.IsAtOrBelow(path, x) || BytePath.IsAtOrBelow(x, path)));

    // An exclude is relative to the mount if that puts it below its entry, else to the entry.
    private static string ExcludeOf(string exclude, string path, string mountPath)
    {
        var relative = Relative(exclude, mountPath);
        return relative.Length == 0 || path.Length == 0 || (relative.Length > path.Length && BytePath.IsAtOrBelow(relative, path))
            ? relative
            : BytePath.Join(path, relative);
    }
}
