namespace Agb.Store;

/// <summary>Computes the sums of a layer before its commit. Metadata covers every entry. Content is hashed within a small
/// budget, and carried over from merged layers; <c>fsck --deep</c> adds the rest later.</summary>
internal static class LayerSealer
{
    private const int MaxFiles = 1000;
    private const long MaxBytes = 32 << 20;

    /// <summary>Writes the sums of a layer.</summary>
    /// <param name="layerDirectory">The directory above the layer's <c>tree</c>.</param>
    /// <param name="mergedFrom">Source layers of the hard links, topmost first; empty for an upload.</param>
    /// <param name="known">The layer's entries without content; null to scan the tree.</param>
    internal static LayerSeal Seal(string layerDirectory, IEnumerable<string> mergedFrom, IReadOnlyList<LayerEntry>? known = null)
    {
        using var tree = Fd.OpenTree(Path.Combine(layerDirectory, "tree"));
        var walk = new LayerWalk(CancellationToken.None);
        List<LayerEntry> entries = [.. known ?? walk.Read(tree)];
        if (AttributeMarks.AreAllowed && entries.Any(e => e.Kind == EntryKind.Whiteout))
        {
            LayerMarks.Note(layerDirectory);
        }
        AddContents(entries, KnownContents(mergedFrom), tree, walk);
        var sums = new LayerSums(entries);
        sums.Save(layerDirectory);
        return sums.Seal;
    }

    /// <summary>Lists the entries of a layer without content.</summary>
    internal static IReadOnlyList<LayerEntry> Read(string layerDirectory)
    {
        using var tree = Fd.OpenTree(Path.Combine(layerDirectory, "tree"));
        return new LayerWalk(CancellationToken.None).Read(tree);
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
            // An owner-unreadable file would need wider permissions, with a new change time: the session's next upload would
            // take the file for a changed one.
            if (files == MaxFiles || entry.Size > MaxBytes - bytes || (entry.Mode & FileModes.OwnerRead) == 0)
            {
                continue;
            }
            files++;
            bytes += entry.Size;
            entries[i] = entry with { Content = walk.Hash(cursor.At(BytePath.DirectoryOf(entry.Path)), BytePath.NameOf(entry.Path)) };
        }
    }

    private static Dictionary<string, LayerEntry> KnownContents(IEnumerable<string> layers)
    {
        var known = new Dictionary<string, LayerEntry>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            foreach (var entry in TryLoad(layer)?.Entries ?? [])
            {
                // The link source is the file of the topmost layer.
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
            // Damaged or unreadable sums are ignored here; a check reports them.
            return null;
        }
    }
}
