namespace Agb.PowerShell;

/// <summary>Reads objects of the module from another process (Start-Job, Invoke-Command, Import-Clixml): PowerShell delivers them
/// as property bags.</summary>
internal static class PropertyBag
{
    private const string Prefix = "Deserialized.Agb.";

    /// <summary>The name of the object's type, without the first namespace; null for another object.</summary>
    internal static string? TypeOf(PSObject bag) => bag.TypeNames.FirstOrDefault(n => n.StartsWith(Prefix, StringComparison.Ordinal))?[Prefix.Length..];

    /// <summary>The text of a property; null when it is missing or empty.</summary>
    internal static string? Text(PSObject bag, string property) => bag.Properties[property]?.Value?.ToString() is { Length: > 0 } text ? text : null;
}
