namespace Agb.Store;

/// <summary>The base tree of a session: paths stored at its start or uploaded since. Its deletions apply to these only, not to
/// later additions of other sessions.</summary>
internal sealed class BaseTree(MergedDirectory stored, Manifest uploaded, PathFilter filter)
{
    /// <summary>Whether the session knows of an entry.</summary>
    internal bool Has(string path)
    {
        if (!filter.Admits(path))
        {
            return false;
        }
        if (uploaded.Find(path) is { } entry)
        {
            return entry.Stat.Kind is not (EntryKind.Whiteout or EntryKind.Unstorable);
        }
        for (var above = BytePath.DirectoryOf(path); above.Length > 0; above = BytePath.DirectoryOf(above))
        {
            if (uploaded.Find(above) is { } hidden && (hidden.Opaque || hidden.Stat.Kind != EntryKind.Directory))
            {
                return false;
            }
        }
        return stored.LookupPath(path) is not null;
    }

    /// <summary>Whether the session knows the entry as a directory.</summary>
    internal bool IsDirectory(string path) =>
        uploaded.Find(path) is { } entry
            ? entry.Stat.Kind == EntryKind.Directory
            : stored.LookupPath(path) is { Kind: EntryKind.Directory };
}
