namespace Agb.PowerShell;

/// <summary>Errors about apps, for more than one cmdlet.</summary>
internal static class DesktopErrors
{
    /// <summary>No app or process has that name.</summary>
    internal static AgbException AppNotFound(string name, AgbSessionReference session, IEnumerable<string> known) => new(
        AgbErrorIds.AppNotFound, AgbErrorKind.NotFound,
        $"The session '{session}' has no app with the name '{name}'. Known: {string.Join(", ", known.Distinct(StringComparer.Ordinal).DefaultIfEmpty("none"))}.",
        "List the apps with Get-AgbApp.", name);
}
