namespace Agb.Store;

/// <summary>Seals in the catalog: hashes of layers' contents.</summary>
internal static class SealTable
{
    /// <summary>Adds or replaces a layer's seal, in the transaction of the layer itself.</summary>
    internal static void Put(CatalogTransaction tx, string layerId, LayerSeal seal) => tx.Execute(
        "INSERT OR REPLACE INTO seals (layer_id, metadata, contents) VALUES ($id, $metadata, $contents)",
        ("$id", layerId), ("$metadata", Format(seal.Metadata)), ("$contents", seal.Contents is { } contents ? Format(contents) : null));

    /// <summary>All seals, by layer.</summary>
    internal static Dictionary<string, LayerSeal> All(CatalogTransaction tx) =>
        tx.Query("SELECT layer_id, metadata, contents FROM seals", Map).ToDictionary(s => s.LayerId, s => s.Seal, StringComparer.Ordinal);

    private static (string LayerId, LayerSeal Seal) Map(SqliteDataReader r) => (
        r.GetString(0), new LayerSeal(Parse(r.GetString(1)), CatalogTransaction.OptionalText(r, 2) is { } contents ? Parse(contents) : null));

    private static string Format(UInt128 hash) => hash.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    private static UInt128 Parse(string text) =>
        UInt128.Parse(text, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
}
