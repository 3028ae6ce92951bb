namespace Agb.Store;

/// <summary>Index of the archives in each layer: mounts of layers without archives skip the search.</summary>
internal static class ArchiveTable
{
    /// <summary>Archives in a layer, by raw path in the context; null if the layer is not indexed yet.</summary>
    internal static List<string>? OfLayer(CatalogTransaction tx, string layerId) =>
        tx.First("SELECT archives_known FROM layers WHERE id = $id", r => r.GetInt64(0), ("$id", layerId)) == 0
            ? null
            : tx.Query("SELECT path FROM layer_archives WHERE layer_id = $id ORDER BY path", r => r.GetString(0), ("$id", layerId));

    /// <summary>Records the archives of a layer.</summary>
    internal static void SetKnown(CatalogTransaction tx, string layerId, IEnumerable<string> paths)
    {
        tx.Execute("UPDATE layers SET archives_known = 1 WHERE id = $id", ("$id", layerId));
        foreach (var path in paths)
        {
            tx.Execute(
                "INSERT INTO layer_archives (layer_id, path) VALUES ($id, $path) ON CONFLICT DO NOTHING", ("$id", layerId), ("$path", path));
        }
    }
}
