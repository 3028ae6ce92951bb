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
        using var directory = version.OpenDirectory(BytePath.FromText(path));
        var entries = Listing.Walk(directory, _ => recurse).Where(e => e.Listed.Kind is EntryKind.File or EntryKind.Directory or EntryKind.Symlink);
        foreach (var (parent, entry, below) in entries.Skip(skip))
        {
            yield return version.Describe(
                parent, entry.Holder, entry.Name, Listing.Look(parent, entry.Holder, entry.Name), $"{path.TrimEnd('/')}/{BytePath.ToText(below)}");
        }
    }
}
