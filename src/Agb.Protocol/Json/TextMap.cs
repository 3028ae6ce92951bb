namespace Agb.Protocol;

/// <summary>Names with texts: labels, environment variables.</summary>
public static class TextMap
{
    /// <summary>Writes a map as JSON for a string in another message.</summary>
    public static string Write(IReadOnlyDictionary<string, string> map) =>
        JsonSerializer.Serialize(new Dictionary<string, string>(map), ValueJson.Default.DictionaryStringString);

    /// <summary>Reads a map from a string in another message; null or empty is an empty map.</summary>
    /// <exception cref="AgbException">InvalidRequest: not a JSON object with strings as members.</exception>
    public static IReadOnlyDictionary<string, string> Read(string? json, string what) => string.IsNullOrWhiteSpace(json)
        ? new Dictionary<string, string>()
        : Require(WireReader.Read(json, ValueJson.Default.DictionaryStringString, what), what);

    /// <summary>Rejects null texts; a null map is an empty one.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    public static IReadOnlyDictionary<string, string> Require(IReadOnlyDictionary<string, string>? map, string what)
    {
        foreach (var (name, text) in map ?? new Dictionary<string, string>())
        {
            if (text is null)
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The {what} '{name}' is null; expected a string.", target: name);
            }
        }
        return map ?? new Dictionary<string, string>();
    }
}
