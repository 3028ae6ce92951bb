namespace Agb.Engine;

/// <summary>What this machine can do for sessions, and how to give it what it lacks.</summary>
public static class AgbHost
{
    /// <summary>Tries out everything that sessions need.</summary>
    /// <param name="agbHome">The engine's directory; made when it does not exist.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    /// <returns>One row for each check; what is not Ok has a remedy.</returns>
    /// <exception cref="AgbException">AccessDenied: the directory is another user's. InvalidPath, NoSpace, ReadOnlyStore, DeviceFailed.</exception>
    public static Task<IReadOnlyList<AgbHostCheck>> CheckAsync(string agbHome, CancellationToken cancellationToken) =>
        ErrorTranslation.GuardAsync("checking this host", () =>
        {
            if (OperatingSystem.IsLinux())
            {
                StoreHome.Require(agbHome);
            }
            return HostChecks.RunAsync(agbHome, () => StoreHome.IsReadOnly(agbHome), cancellationToken);
        });

    /// <summary>Checks quickly, with remembered results where there are any, that sessions can run.</summary>
    /// <param name="agbHome">The engine's directory.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="AgbException">HostNotReady, naming all that is missing and the remedies.</exception>
    public static Task RequireReadyAsync(string agbHome, CancellationToken cancellationToken) =>
        HostProbe.RequireReadyAsync(agbHome, cancellationToken);

    /// <summary>Installs the programs that sessions need and that are missing, when this process is root and the host has a
    /// known package manager; otherwise says what to run.</summary>
    /// <param name="output">Gets each line that the package manager prints, on any thread.</param>
    /// <param name="cancellationToken">Ends the installation.</param>
    public static Task<AgbHostSetupResult> InstallAsync(Action<string> output, CancellationToken cancellationToken) =>
        HostInstaller.InstallAsync(output, cancellationToken);
}
