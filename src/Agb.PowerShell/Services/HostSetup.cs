using Agb.Engine;

namespace Agb.PowerShell;

/// <summary>Prepares this host for sessions, for scripts. PowerShell can't name the engine's own types, because the engine is
/// loaded privately.</summary>
public static class HostSetup
{
    /// <summary>Installs missing parts, where that is allowed.</summary>
    /// <param name="report">Receives the package manager's lines, on any thread.</param>
    /// <param name="cancellationToken">Ends the installation.</param>
    /// <exception cref="AgbException">HostNotReady, when this is not Linux.</exception>
    /// <returns>A report of the installation, or the commands to run where it was not allowed.</returns>
    public static async Task<string> InstallAsync(Action<string> report, CancellationToken cancellationToken) =>
        !Platform.IsLinux ? throw Platform.NeedsLinux("The embedded service") : (await AgbHost.InstallAsync(report, cancellationToken).ConfigureAwait(false)).Message;
}
