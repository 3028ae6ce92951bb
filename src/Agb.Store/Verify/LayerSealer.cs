namespace Agb.Store;

/// <summary>Takes the sums of a layer that is about to be placed. Metadata is taken of every entry. Content is taken as far as that
/// costs little beside storing it, and carried over from layers that are merged; <c>fsck --deep</c> takes the rest later.</summary>
internal static class LayerSealer
{
    private const int MaxFiles = 1000;
    private const long MaxBytes = 32 << 20;
    private const uint OwnerRead = 0x100;

    /// <summary>Writes the sums of a layer.</summary>
    /// <param name="layerDirectory">The directory that has the layer's <c>tree</c>.</param>
    /// <param name="mergedFrom">The layers whose files it links to, topmost first; empty for an upload.</param>
    /// <param name="known">The layer's entries but for their content, where they are known; null to look at the tree.</param>
    internal static LayerSeal Seal(string layerDirectory, IEnumerable<string> mergedFrom, IReadOnlyList<LayerEntry>? known = null)
    {
        using var tree = Fd.OpenTree(Path.Combine(layerDirectory, "tree"));
        var walk = new LayerWalk(CancellationToken.None);
        List<LayerEntry> entries = known is null ? walk.Read(tree) : [.. known];
        if (AttributeMarks.AreAllowed && entries.Any(e => e.Kind == EntryKind.Whiteout))
        {
            LayerMarks.Note(layerDirectory);
        }
        AddContents(entries, KnownContents(mergedFrom), tree, walk);
        var sums = new LayerSums(entries);
        sums.Save(layerDirectory);
        return sums.Seal;
    }

    private static void AddContents(List<LayerEntry> entries, Dictionary<string, LayerEntry> known, Fd tree, LayerWalk walk)
    {
        var (files, bytes) = (0, 0L);
        using var cursor = new DirectoryCursor(tree);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (entry.Kind != EntryKind.File)
            {
                continue;
            }
            if (known.TryGetValue(entry.Path, out var source) && source.WithoutContent == entry)
            {
                entries[i] = entry with { Content = source.Content };
                continue;
            }
            // A file that its owner may not read would have to be opened up for it, which changes its change time, by which the
            // session's next upload tells what is new.
            if (files == MaxFiles || entry.Size > MaxBytes - bytes || (entry.Mode & OwnerRead) == 0)
            {
                continue;
            }
            files++;
            bytes += entry.Size;
            entries[i] = entry with { Content = walk.Hash(cursor.At(Raw.DirectoryOf(entry.Path)), Raw.NameOf(entry.Path)) };
        }
    }

    private static Dictionary<string, LayerEntry> KnownContents(IEnumerable<string> layers)
    {
        var known = new Dictionary<string, LayerEntry>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            foreach (var entry in TryLoad(layer)?.Entries ?? [])
            {
                // The topmost layer that has a file is the one whose file was linked.
                known.TryAdd(entry.Path, entry);
            }
        }
        return known;
    }

    private static LayerSums? TryLoad(string layer)
    {
        try
        {
            return LayerSums.Load(layer);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            // Sums that are damaged or can't be read say nothing; a check reports them.
            return null;
        }
    }
}
