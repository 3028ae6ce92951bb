namespace Agb.Store;

/// <summary>Which layers hold archives, so that a mount of data without any need not look for them.</summary>
internal static class ArchiveTable
{
    /// <summary>The archives that a layer holds, by raw path in the context; null when nobody has looked.</summary>
    internal static List<string>? OfLayer(CatalogTransaction tx, string layerId) =>
        tx.First("SELECT archives_known FROM layers WHERE id = $id", r => r.GetInt64(0), ("$id", layerId)) == 0
            ? null
            : tx.Query("SELECT path FROM layer_archives WHERE layer_id = $id ORDER BY path", r => r.GetString(0), ("$id", layerId));

    /// <summary>Notes what a layer holds.</summary>
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
