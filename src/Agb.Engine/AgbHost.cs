namespace Agb.Engine;

/// <summary>Checks of this machine's readiness for sessions, and installation of missing programs.</summary>
public static class AgbHost
{
    /// <summary>Runs all host checks.</summary>
    /// <param name="agbHome">The engine's directory; made when it does not exist.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    /// <returns>One row for each check, with a remedy unless it is Ok.</returns>
    /// <exception cref="AgbException">AccessDenied: another user owns the directory. InvalidPath, NoSpace, ReadOnlyStore,
    /// DeviceFailed.</exception>
    public static Task<IReadOnlyList<AgbHostCheck>> CheckAsync(string agbHome, CancellationToken cancellationToken) =>
        ErrorTranslation.GuardAsync("checking this host", () =>
        {
            if (OperatingSystem.IsLinux())
            {
                StoreHome.Require(agbHome);
            }
            return HostChecks.RunAsync(agbHome, () => StoreHome.IsReadOnly(agbHome), cancellationToken);
        });

    /// <summary>Checks quickly that sessions can run, with cached results if available.</summary>
    /// <param name="agbHome">The engine's directory.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="AgbException">HostNotReady, with all missing parts and their remedies.</exception>
    public static Task RequireReadyAsync(string agbHome, CancellationToken cancellationToken) =>
        HostProbe.RequireReadyAsync(agbHome, cancellationToken);

    /// <summary>Installs missing programs for sessions as root on a host with a known package manager; otherwise returns the
    /// commands to run.</summary>
    /// <param name="output">Gets each line of the package manager's output, on any thread.</param>
    /// <param name="cancellationToken">Ends the installation.</param>
    /// <param name="imageIds">Built-in images whose browser and desktop are wanted too.</param>
    /// <exception cref="AgbException">ImageNotFound.</exception>
    public static Task<AgbHostSetupResult> InstallAsync(
        Action<string> output, CancellationToken cancellationToken, params IEnumerable<string> imageIds) =>
        HostInstaller.InstallAsync([.. imageIds.Select(ImageCatalog.BuiltIn.Get)], output, cancellationToken);
}
