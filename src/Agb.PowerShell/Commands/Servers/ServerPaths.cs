namespace Agb.PowerShell.Commands;

/// <summary>Resolves the data directory of a server cmdlet.</summary>
internal static class ServerPaths
{
    internal static string Resolve(PSCmdlet cmdlet, string? dataDirectory) => dataDirectory is null
        ? ServerLauncher.DefaultDataDirectory(EmbeddedEngine.ResolveHome(null))
        : cmdlet.GetUnresolvedProviderPathFromPSPath(dataDirectory);
}
