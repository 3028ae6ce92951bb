namespace Agb.Protocol;

/// <summary>Lists of tools, sent as JSON in a string.</summary>
public static class ToolListJson
{
    /// <summary>A session's toolList.</summary>
    public static string Write(IEnumerable<ToolReference> tools) =>
        JsonSerializer.Serialize([.. tools], ToolJson.Default.IReadOnlyListToolReference);

    /// <summary>Reads a toolList: an array, or a string with one. Names may be in camel or Pascal case.</summary>
    /// <returns>The server of each tool with one.</returns>
    public static IReadOnlyDictionary<string, string> ReadServers(JsonElement toolList)
    {
        var servers = new Dictionary<string, string>(StringComparer.Ordinal);
        if (toolList.ValueKind == JsonValueKind.String)
        {
            return ReadServers(toolList.GetString());
        }
        if (toolList.ValueKind == JsonValueKind.Array)
        {
            foreach (var tool in toolList.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.Object))
            {
                if (Text(tool, "name", "Name") is { Length: > 0 } name && Text(tool, "server", "serverName", "Server") is { Length: > 0 } server)
                {
                    servers[name] = server;
                }
            }
        }
        return servers;
    }

    /// <summary>Reads a toolList in a string; an invalid one has no tools.</summary>
    public static IReadOnlyDictionary<string, string> ReadServers(string? toolList)
    {
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(toolList) ? "[]" : toolList);
            return document.RootElement.ValueKind == JsonValueKind.Array ? ReadServers(document.RootElement) : new Dictionary<string, string>();
        }
        catch (JsonException)
        {
            // Without a list every tool goes by the API route of all services.
            return new Dictionary<string, string>();
        }
    }

    /// <summary>listTools' data.</summary>
    public static string Write(IEnumerable<ToolDescription> tools) =>
        JsonSerializer.Serialize([.. tools], ToolJson.Default.IReadOnlyListToolDescription);

    /// <summary>Reads listTools' data.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    public static IReadOnlyList<ToolDescription> ReadDescriptions(string? data) => string.IsNullOrWhiteSpace(data)
        ? []
        : WireReader.Read(data, ToolJson.Default.IReadOnlyListToolDescription, "list of tools");

    private static string? Text(JsonElement tool, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (tool.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }
        }
        return null;
    }
}
