using Agb.Engine;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell;

/// <summary>Gives this host what sessions need, for scripts: the engine's own types can't be named from PowerShell, because
/// the engine is loaded privately.</summary>
public static class HostSetup
{
    /// <summary>Installs what is missing, where that is allowed.</summary>
    /// <param name="report">Is given the package manager's lines, on any thread.</param>
    /// <param name="cancellationToken">Ends the installation.</param>
    /// <exception cref="AgbException">HostNotReady, when this is not Linux.</exception>
    /// <returns>What was done, or what to run where it was not allowed.</returns>
    public static async Task<string> InstallAsync(Action<string> report, CancellationToken cancellationToken) =>
        !Platform.IsLinux ? throw Platform.NeedsLinux("The embedded service") : (await AgbHost.InstallAsync(report, cancellationToken).ConfigureAwait(false)).Message;
}
