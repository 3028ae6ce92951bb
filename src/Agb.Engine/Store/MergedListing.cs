using Agb.Engine.Native;

namespace Agb.Engine.Store;

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
    private static readonly Comparer<(string Name, int Layer)> s_order = Comparer<(string Name, int Layer)>.Create((a, b) =>
        string.CompareOrdinal(a.Name, b.Name) is var names && names != 0 ? names : a.Layer - b.Layer);

    /// <summary>How many names were read.</summary>
    internal long NamesRead { get; private set; }

    /// <summary>How many entries' attributes were looked at.</summary>
    internal long LookedUp { get; private set; }

    /// <summary>The entries, one after the other as they are asked for.</summary>
    internal IEnumerable<ListedEntry> Of(MergedDirectory directory)
    {
        var layers = directory.Layers.Select(DirectoryReader.Entries).ToArray();
        NamesRead += layers.Sum(l => l.Count);
        // By name, and where several layers have it, topmost first.
        var next = new PriorityQueue<int, (string Name, int Layer)>(layers.Length, s_order);
        var read = new int[layers.Length];
        for (var i = 0; i < layers.Length; i++)
        {
            Advance(i);
        }
        string? last = null;
        while (next.TryDequeue(out var holder, out var key))
        {
            var kind = layers[holder][read[holder]++].Kind;
            Advance(holder);
            var least = key.Name;
            if (least == last)
            {
                // The topmost layer that has the name decided.
                continue;
            }
            last = least;
            // What a running session took away since its name was read is not there.
            if ((kind ?? TryLook(directory, holder, least)?.Kind) is { } known and not EntryKind.Whiteout)
            {
                yield return new ListedEntry(least, known, holder);
            }
        }

        void Advance(int layer)
        {
            if (read[layer] < layers[layer].Count)
            {
                next.Enqueue(layer, (layers[layer][read[layer]].Name, layer));
            }
        }
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
}
