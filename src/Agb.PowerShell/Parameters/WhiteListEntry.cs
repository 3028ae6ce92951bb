namespace Agb.PowerShell;

/// <summary>Reads one entry of -WhiteList: a path, a table, or any object with the properties Path and ExcludePaths.</summary>
internal static class WhiteListEntry
{
    internal static AgbWhiteList From(object? entry)
    {
        switch (Arguments.Plain(entry))
        {
            case AgbWhiteList list:
                return list;
            case string path:
                return new AgbWhiteList { Path = path };
            case IDictionary table:
                RequireKnown(table.Keys.Cast<object>().Select(k => k.ToString() ?? ""));
                return Make(table[nameof(AgbWhiteList.Path)], table[nameof(AgbWhiteList.ExcludePaths)]);
            case { } item:
                var properties = PSObject.AsPSObject(entry).Properties;
                return Make(properties[nameof(AgbWhiteList.Path)]?.Value, properties[nameof(AgbWhiteList.ExcludePaths)]?.Value, item);
            default:
                throw Wrong("An entry of -WhiteList is null.");
        }
    }

    private static AgbWhiteList Make(object? path, object? excluded, object? item = null) => new()
    {
        Path = path is null
            ? throw Wrong(item is null ? "An entry of -WhiteList has no Path." : $"The -WhiteList entry '{item}' has no Path.")
            : LanguagePrimitives.ConvertTo<string>(path),
        ExcludePaths = excluded is null ? [] : LanguagePrimitives.ConvertTo<string[]>(excluded),
    };

    /// <summary>Refuses unknown keys: a misspelt key would silently sync too much.</summary>
    private static void RequireKnown(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (!key.Equals(nameof(AgbWhiteList.Path), StringComparison.OrdinalIgnoreCase)
                && !key.Equals(nameof(AgbWhiteList.ExcludePaths), StringComparison.OrdinalIgnoreCase))
            {
                throw Wrong($"An entry of -WhiteList has the key '{key}'.");
            }
        }
    }

    private static AgbException Wrong(string message) => AgbErrors.Invalid(
        AgbErrorIds.InvalidPolicy, message, "Give a path, or @{ Path = 'src'; ExcludePaths = 'node_modules' }.");
}
