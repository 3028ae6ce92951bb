namespace Agb.Server;

/// <summary>The tools of sessions.</summary>
internal sealed class ToolCatalog(params IEnumerable<Tool> tools)
{
    /// <summary>The server name of every tool in tool lists.</summary>
    internal const string ServerName = "wuying_codespace";

    private readonly SortedDictionary<string, Tool> _tools = new(tools.ToDictionary(t => t.Name), StringComparer.Ordinal);

    /// <summary>Every tool, by name.</summary>
    internal IReadOnlyCollection<Tool> Tools => _tools.Values;

    /// <summary>The tools for the sessions of an image; null for an image that is no longer in the catalogue.</summary>
    internal IEnumerable<Tool> ToolsOf(AgbImage? image) => Tools.Where(t => t.IsFor(image));

    /// <summary>The tool of a name, or null.</summary>
    internal Tool? Find(string name) => _tools.GetValueOrDefault(name);
}
