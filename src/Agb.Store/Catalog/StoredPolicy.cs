using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agb.Store;

/// <summary>Sync policies as the catalog keeps them. What the text does not say is what a policy has that says nothing, and a list
/// that it does not name is empty: other programs than this one may have written it.</summary>
internal static class StoredPolicy
{
    private static readonly string s_standard = Write(new AgbSyncPolicy());

    // Each look at a session reads its policies, and most sessions have the same.
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
        // Read straight into its type, what is absent would be null, or false.
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
