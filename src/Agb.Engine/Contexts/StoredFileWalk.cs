namespace Agb.Engine;

/// <summary>Lists a directory of a version, parents first, in byte order. Directories and attributes are read on demand; a
/// skipped entry costs only the read of its name. FIFOs are left out, because their content can't be read here.</summary>
internal sealed class StoredFileWalk(StoredVersion version, bool recurse)
{
    /// <summary>The listing read so far.</summary>
    internal MergedListing Listing { get; } = new();

    /// <summary>The entries below a path.</summary>
    /// <param name="path">A normalized absolute path.</param>
    /// <param name="skip">The number of entries to skip.</param>
    internal IEnumerable<AgbContextFile> Walk(string path, int skip)
    {
        var raw = BytePath.FromText(path);
        IReadOnlyList<ListedEntry> kept = [];
        var known = recurse ? null : version.TryOpenKept(raw, out kept);
        using var directory = known ?? version.OpenDirectory(raw);
        var entries = recurse ? Listing.Walk(directory, _ => true)
            : (known is null ? Read(directory, raw) : kept).Select(e => new WalkedEntry(directory, e, e.Name));
        foreach (var (parent, entry, below) in entries.Where(e => e.Listed.Kind is EntryKind.File or EntryKind.Directory or EntryKind.Symlink).Skip(skip))
        {
            if (Listing.TryLook(parent, entry.Holder, entry.Name) is { } stat)
            {
                yield return version.Describe(parent, entry.Holder, entry.Name, stat, $"{path.TrimEnd('/')}/{BytePath.ToText(below)}");
            }
        }
    }

    /// <summary>The entries of one directory, kept if they took a merge.</summary>
    private IEnumerable<ListedEntry> Read(MergedDirectory directory, string raw)
    {
        if (directory.Layers.Count < 2)
        {
            return Listing.Of(directory);
        }
        return ReadAndKeep();

        IEnumerable<ListedEntry> ReadAndKeep()
        {
            var all = new List<ListedEntry>();
            foreach (var entry in Listing.Of(directory))
            {
                all.Add(entry);
                yield return entry;
            }
            version.Keep(raw, directory, all);
        }
    }
}
