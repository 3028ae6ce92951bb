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
        var open = new Stack<Level>();
        open.Push(new Level(Listing, version.OpenDirectory(BytePath.FromText(path)), path.TrimEnd('/')));
        try
        {
            while (open.TryPeek(out var level))
            {
                if (!level.Entries.MoveNext())
                {
                    open.Pop().Dispose();
                    continue;
                }
                var entry = level.Entries.Current;
                if (entry.Kind is not (EntryKind.File or EntryKind.Directory or EntryKind.Symlink))
                {
                    continue;
                }
                var entryPath = $"{level.Path}/{BytePath.ToText(entry.Name)}";
                if (skip > 0)
                {
                    skip--;
                }
                else
                {
                    var stat = Listing.Look(level.Directory, entry.Holder, entry.Name);
                    yield return version.Describe(level.Directory, entry.Holder, entry.Name, stat, entryPath);
                }
                if (recurse && entry.Kind == EntryKind.Directory)
                {
                    open.Push(new Level(Listing, level.Directory.OpenChild(entry.Name), entryPath));
                }
            }
        }
        finally
        {
            foreach (var level in open)
            {
                level.Dispose();
            }
        }
    }

    private sealed class Level(MergedListing listing, MergedDirectory directory, string path) : IDisposable
    {
        internal MergedDirectory Directory => directory;

        internal string Path => path;

        internal IEnumerator<ListedEntry> Entries { get; } = listing.Of(directory).GetEnumerator();

        public void Dispose()
        {
            Entries.Dispose();
            directory.Dispose();
        }
    }
}
