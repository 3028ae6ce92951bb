namespace Agb.Store;

/// <summary>An entry in a listing of a merged directory.</summary>
/// <param name="Name">The name, raw.</param>
/// <param name="Kind">Kind of the entry.</param>
/// <param name="Holder">Index of the entry's layer among <see cref="MergedDirectory.Layers"/>.</param>
internal readonly record struct ListedEntry(string Name, EntryKind Kind, int Holder);

/// <summary>An entry met by a walk through merged directories.</summary>
/// <param name="Directory">The parent directory, open until the next entry.</param>
/// <param name="Listed">The entry.</param>
/// <param name="Path">Its path from the root of the walk, raw.</param>
internal readonly record struct WalkedEntry(MergedDirectory Directory, ListedEntry Listed, string Path);

/// <summary>Lists a merged directory lazily in byte order: the names of each layer are read once, and an entry's attributes
/// only if the listing does not give its kind. Names have no order on disk, so the first entry requires all names of the
/// directory.</summary>
internal sealed class MergedListing
{
    /// <summary>Number of names read.</summary>
    internal long NamesRead { get; private set; }

    /// <summary>Number of entries with attributes read.</summary>
    internal long LookedUp { get; private set; }

    /// <summary>The entries, read on demand.</summary>
    internal IEnumerable<ListedEntry> Of(MergedDirectory directory)
    {
        foreach (var (entry, holder) in Names(directory.Layers, 0, directory.Layers.Count))
        {
            // A running session may have removed the entry since its name was read.
            if ((entry.Kind ?? TryLook(directory, holder, entry.Name)?.Kind) is { } known and not EntryKind.Whiteout)
            {
                yield return new ListedEntry(entry.Name, known, holder);
            }
        }
    }

    /// <summary>The entries below a directory, read on demand: parents first, in byte order.</summary>
    /// <param name="root">The directory; the caller closes it.</param>
    /// <param name="descends">Whether to list a directory, by its path from the root.</param>
    internal IEnumerable<WalkedEntry> Walk(MergedDirectory root, Func<string, bool> descends)
    {
        var open = new Stack<(MergedDirectory Directory, string Path, IEnumerator<ListedEntry> Entries)>();
        open.Push((root, "", Of(root).GetEnumerator()));
        try
        {
            while (open.TryPeek(out var level))
            {
                if (!level.Entries.MoveNext())
                {
                    Close(open.Pop());
                    continue;
                }

                var entry = level.Entries.Current;
                var path = BytePath.Join(level.Path, entry.Name);
                yield return new WalkedEntry(level.Directory, entry, path);
                if (entry.Kind == EntryKind.Directory && descends(path))
                {
                    var below = level.Directory.OpenChild(entry.Name);
                    open.Push((below, path, Of(below).GetEnumerator()));
                }
            }
        }
        finally
        {
            foreach (var level in open)
            {
                Close(level);
            }
        }

        void Close((MergedDirectory Directory, string Path, IEnumerator<ListedEntry> Entries) level)
        {
            level.Entries.Dispose();
            if (level.Directory != root)
            {
                level.Directory.Dispose();
            }
        }
    }

    /// <summary>Names of some layers, each from its topmost one.</summary>
    private List<Named> Names(IReadOnlyList<Fd> layers, int start, int count)
    {
        if (count > 1)
        {
            // By halves: most layers have few names, and are not searched again for each name of a large one.
            return Merge(Names(layers, start, count / 2), Names(layers, start + (count / 2), count - (count / 2)));
        }
        if (count == 0)
        {
            return [];
        }
        var read = DirectoryReader.Entries(layers[start]);
        NamesRead += read.Count;
        return read.ConvertAll(e => new Named(e, start));
    }

    private static List<Named> Merge(List<Named> top, List<Named> below)
    {
        var merged = new List<Named>(top.Count + below.Count);
        var (i, j) = (0, 0);
        while (i < top.Count && j < below.Count)
        {
            var order = string.CompareOrdinal(top[i].Entry.Name, below[j].Entry.Name);
            merged.Add(order <= 0 ? top[i] : below[j]);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        merged.AddRange(i < top.Count ? top[i..] : below[j..]);
        return merged;
    }

    /// <summary>The attributes of a listed entry; null if it is gone.</summary>
    internal FileStat? TryLook(MergedDirectory directory, int holder, string name)
    {
        LookedUp++;
        return directory.Layers[holder].TryStatAt(name);
    }

    /// <summary>A name, and the index of its layer.</summary>
    private sealed record Named(DirectoryName Entry, int Holder);
}
