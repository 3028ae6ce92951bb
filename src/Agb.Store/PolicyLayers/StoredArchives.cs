namespace Agb.Store;

/// <summary>Finds stored archives without a walk, from the index written by uploads. A layer
/// without an index is scanned once.</summary>
internal sealed class StoredArchives(StorePaths paths, CatalogDb catalog)
{
    /// <summary>Archives of a stack at an origin, by raw path relative to it, sorted.</summary>
    internal IReadOnlyList<string> Find(string[] layers, string origin, MergedDirectory stored, CancellationToken cancellationToken)
    {
        var place = BytePath.FromRoot(origin);
        var prefix = place.Length == 0 ? "" : place + "/";
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var ofMounts = catalog.Read(tx => layers is [var layer, ..] && VersionTable.ContextOfLayer(tx, layer) is { } context
            ? OriginTable.OfContext(tx, context).FindAll(o => o.Mode == AgbUploadMode.Archive)
            : [])
            .Select(o => BytePath.Join(BytePath.FromRoot(o.Path), ArchiveNames.OfMount)).ToHashSet(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            foreach (var path in OfLayer(layer, cancellationToken))
            {
                if (path.StartsWith(prefix, StringComparison.Ordinal) && !ofMounts.Contains(path)
                    && stored.LookupPath(path[prefix.Length..]) is { Kind: EntryKind.File })
                {
                    found.Add(path[prefix.Length..]);
                }
            }
        }
        return [.. found];
    }

    private List<string> OfLayer(string layerId, CancellationToken cancellationToken)
    {
        if (catalog.Read(tx => ArchiveTable.OfLayer(tx, layerId)) is { } known)
        {
            return known;
        }
        var found = new List<string>();
        using (var tree = Fd.OpenTree(paths.LayerTree(layerId)))
        {
            new TreeWalker(cancellationToken)
            {
                Visit = (_, _, path) =>
                {
                    if (ArchiveNames.FormatOf(path) is not null)
                    {
                        found.Add(path);
                    }
                },
            }.Walk(tree);
        }
        catalog.WriteLazily(tx => ArchiveTable.SetKnown(tx, layerId, found));
        return found;
    }
}
