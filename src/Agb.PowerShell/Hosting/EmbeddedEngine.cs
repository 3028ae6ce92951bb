using Agb.Engine;

namespace Agb.PowerShell.Hosting;

/// <summary>The only place that knows the engine.</summary>
internal static class EmbeddedEngine
{
    /// <summary>The full path of a home directory; null for the environment's.</summary>
    internal static string ResolveHome(string? homeDirectory) =>
        Path.GetFullPath(homeDirectory ?? Environment.GetEnvironmentVariable("AGB_HOME") ?? DefaultHome());

    /// <summary>Opens the service of a home directory.</summary>
    internal static IAgbService Open(string homeDirectory) => throw NotBuilt();

    /// <summary>Checks what sessions need of this host.</summary>
    internal static Task<IReadOnlyList<AgbHostCheck>> CheckHostAsync(string homeDirectory, CancellationToken cancellationToken) =>
        throw NotBuilt();

    private static string DefaultHome() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "agb");

    private static AgbException NotBuilt() => new(
        AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed,
        $"This build has no embedded service ({nameof(MountKind)}).", "Use -Connection.");
}
