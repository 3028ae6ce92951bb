namespace Agb.Store;

/// <summary>An entry of a merged directory that has come up in a listing.</summary>
/// <param name="Name">The name, raw.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Holder">The place of the layer that holds it among <see cref="MergedDirectory.Layers"/>.</param>
internal readonly record struct ListedEntry(string Name, EntryKind Kind, int Holder);

/// <summary>Lists a merged directory in byte order without looking at what is not asked for: the names of each layer are read
/// once, and an entry's attributes only where its name does not say what it is. Names have no order on disk, so the first
/// one takes reading all those of its directory.</summary>
internal sealed class MergedListing
{
    /// <summary>How many names were read.</summary>
    internal long NamesRead { get; private set; }

    /// <summary>How many entries' attributes were looked at.</summary>
    internal long LookedUp { get; private set; }

    /// <summary>The entries, one after the other as they are asked for.</summary>
    internal IEnumerable<ListedEntry> Of(MergedDirectory directory)
    {
        foreach (var (entry, holder) in Names(directory.Layers, 0, directory.Layers.Count))
        {
            // What a running session took away since its name was read is not there.
            if ((entry.Kind ?? TryLook(directory, holder, entry.Name)?.Kind) is { } known and not EntryKind.Whiteout)
            {
                yield return new ListedEntry(entry.Name, known, holder);
            }
        }
    }

    /// <summary>The names of some layers, each as the topmost one that has it says.</summary>
    private List<Named> Names(IReadOnlyList<Fd> layers, int start, int count)
    {
        if (count > 1)
        {
            // By halves: most layers have few names, and are not looked through again for each one of a large one.
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

    /// <summary>The attributes of a listed entry.</summary>
    internal FileStat Look(MergedDirectory directory, int holder, string name)
    {
        LookedUp++;
        return directory.Layers[holder].StatAt(name);
    }

    private FileStat? TryLook(MergedDirectory directory, int holder, string name)
    {
        LookedUp++;
        return directory.Layers[holder].TryStatAt(name);
    }

    /// <summary>A name, and the place of the layer that has it.</summary>
    private sealed record Named(DirectoryName Entry, int Holder);
}
