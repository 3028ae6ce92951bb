using System.Text.Json;

namespace Agb.Protocol.Json;

/// <summary>Names with texts: labels, environment variables.</summary>
public static class TextMap
{
    /// <summary>Writes one as JSON for a string of another message.</summary>
    public static string Write(IReadOnlyDictionary<string, string> map) =>
        JsonSerializer.Serialize(new Dictionary<string, string>(map), WireJson.Default.DictionaryStringString);

    /// <summary>Reads one from a string of another message; null or empty is an empty one.</summary>
    /// <exception cref="AgbException">InvalidRequest: no JSON object whose members are all strings.</exception>
    public static IReadOnlyDictionary<string, string> Read(string? json, string what) => string.IsNullOrWhiteSpace(json)
        ? new Dictionary<string, string>()
        : Require(WireReader.Read(json, WireJson.Default.DictionaryStringString, what), what);

    /// <summary>Makes sure that none of the texts is null; no map at all is an empty one.</summary>
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
