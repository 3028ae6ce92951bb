namespace Agb.Store;

/// <summary>The visible entries of a directory of a stored version.</summary>
/// <param name="Entries">The entries, in byte order; a holder is an index of <paramref name="Ordinals"/>.</param>
/// <param name="Ordinals">The layers with a visible entry, as indexes of the stack.</param>
internal sealed record KeptNames(IReadOnlyList<ListedEntry> Entries, int[] Ordinals);

/// <summary>Merged names of directories of stored versions, kept in memory. Stored layers never change their names: the next listing of
/// the version reads none, and opens only layers with a visible entry. A directory of one layer is not worth the memory.</summary>
internal sealed class MergedNames
{
    private const int MostNames = 20_000;

    // The stack's text, in names.
    private const int OwnCost = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeptNames> _kept = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The entries of a directory; null if not kept.</summary>
    /// <param name="stack">The version's stack, as text.</param>
    /// <param name="path">The directory, raw.</param>
    internal KeptNames? Find(string stack, string path)
    {
        lock (_gate)
        {
            return _kept.GetValueOrDefault(Key(stack, path));
        }
    }

    /// <summary>Keeps the entries of a directory.</summary>
    /// <param name="stack">The version's stack, as text.</param>
    /// <param name="path">The directory, raw.</param>
    /// <param name="directory">The open directory.</param>
    /// <param name="entries">All its entries.</param>
    internal void Keep(string stack, string path, MergedDirectory directory, IReadOnlyCollection<ListedEntry> entries)
    {
        var cost = entries.Count + OwnCost;
        if (cost > MostNames / 2)
        {
            return;
        }
        int[] holders = [.. entries.Select(e => e.Holder).Distinct().Order()];
        var kept = new KeptNames(
            [.. entries.Select(e => e with { Holder = Array.IndexOf(holders, e.Holder) })], [.. holders.Select(h => directory.Ordinals[h])]);
        lock (_gate)
        {
            if (_count + cost > MostNames)
            {
                _kept.Clear();
                _count = 0;
            }
            if (_kept.TryAdd(Key(stack, path), kept))
            {
                _count += cost;
            }
        }
    }

    // Ids of layers have no slash.
    private static string Key(string stack, string path) => stack + "/" + path;
}
