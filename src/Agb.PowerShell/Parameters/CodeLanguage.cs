namespace Agb.PowerShell;

/// <summary>The names of code languages for users.</summary>
internal static class CodeLanguage
{
    internal static readonly IReadOnlyDictionary<string, AgbCodeLanguage> Names =
        new Dictionary<string, AgbCodeLanguage>(StringComparer.OrdinalIgnoreCase)
        {
            ["Python"] = AgbCodeLanguage.Python,
            ["py"] = AgbCodeLanguage.Python,
            ["python3"] = AgbCodeLanguage.Python,
            ["Javascript"] = AgbCodeLanguage.Javascript,
            ["js"] = AgbCodeLanguage.Javascript,
            ["node"] = AgbCodeLanguage.Javascript,
            ["Java"] = AgbCodeLanguage.Java,
            ["R"] = AgbCodeLanguage.R,
        };

    private static readonly Dictionary<string, AgbCodeLanguage> s_extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        [".py"] = AgbCodeLanguage.Python,
        [".js"] = AgbCodeLanguage.Javascript,
        [".mjs"] = AgbCodeLanguage.Javascript,
        [".cjs"] = AgbCodeLanguage.Javascript,
        [".java"] = AgbCodeLanguage.Java,
        [".r"] = AgbCodeLanguage.R,
    };

    /// <summary>The language with a name.</summary>
    /// <exception cref="AgbException">InvalidCode.</exception>
    internal static AgbCodeLanguage Parse(string name) => Names.TryGetValue(name.Trim(), out var language)
        ? language
        : throw AgbErrors.Invalid(
            AgbErrorIds.InvalidCode, $"The language '{name}' is not known; expected one of {string.Join(", ", Names.Keys)}.", target: name);

    /// <summary>The language of a file name, or null.</summary>
    internal static AgbCodeLanguage? OfFile(string path) =>
        s_extensions.TryGetValue(Path.GetExtension(path), out var language) ? language : null;
}
