using System.Text.Json.Nodes;

namespace Agb.Store;

/// <summary>Sync policies in the catalog's text form. Absent values have the defaults of an empty policy, and absent lists are
/// empty: the text may come from another program.</summary>
internal static class StoredPolicy
{
    private static readonly string s_standard = Write(new AgbSyncPolicy());

    // Every inspection of a session reads its policies, and most sessions share one text.
    private static Tuple<string, AgbSyncPolicy>? s_last;

    internal static string Write(AgbSyncPolicy policy) => JsonSerializer.Serialize(policy, CatalogJson.Default.AgbSyncPolicy);

    /// <exception cref="JsonException">The text is no policy.</exception>
    internal static AgbSyncPolicy Read(string text)
    {
        if (Volatile.Read(ref s_last) is { } last && last.Item1 == text)
        {
            return last.Item2;
        }
        var policy = Parse(text);
        Volatile.Write(ref s_last, new(text, policy));
        return policy;
    }

    private static AgbSyncPolicy Parse(string text)
    {
        if (JsonNode.Parse(text) is not JsonObject stored)
        {
            throw new JsonException($"'{text}' is no sync policy.");
        }
        // Direct deserialization would set absent values to null or false.
        var whole = JsonNode.Parse(s_standard)!.AsObject();
        Merge(stored, whole);
        foreach (var entry in (whole["whiteLists"] as JsonArray ?? []).OfType<JsonObject>())
        {
            entry["excludePaths"] ??= new JsonArray();
        }
        return whole.Deserialize(CatalogJson.Default.AgbSyncPolicy)!;
    }

    private static void Merge(JsonObject from, JsonObject into)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject section && into[name] is JsonObject standard)
            {
                Merge(section, standard);
            }
            else if (value is not null)
            {
                into[name] = value.DeepClone();
            }
        }
    }
}
