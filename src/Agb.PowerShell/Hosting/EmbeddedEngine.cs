using Agb.Engine;
using Agb.Engine.Terminals;

namespace Agb.PowerShell.Hosting;

/// <summary>The only place that knows the engine.</summary>
internal static class EmbeddedEngine
{
    /// <summary>What the service is called, also before there is one.</summary>
    internal const string Name = "embedded";

    /// <summary>The full path of a home directory; null for the environment's.</summary>
    internal static string ResolveHome(string? homeDirectory) =>
        EmbeddedService.ResolveHome(new EmbeddedOptions { HomeDirectory = homeDirectory });

    /// <summary>Opens the service of a home directory.</summary>
    internal static IAgbService Open(string homeDirectory) =>
        EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = homeDirectory });

    /// <summary>Whether a home directory holds a store. Only looks.</summary>
    internal static bool HasStore(string homeDirectory) => File.Exists(Path.Combine(homeDirectory, "catalog.db"));

    /// <summary>Checks, before anything is written there, that a directory is not another user's.</summary>
    internal static void RequireUsable(string directory) => AgbStore.RequireUsable(directory);

    /// <summary>Checks what sessions need of this host.</summary>
    internal static Task<IReadOnlyList<AgbHostCheck>> CheckHostAsync(string homeDirectory, CancellationToken cancellationToken) =>
        AgbHost.CheckAsync(homeDirectory, cancellationToken);

    /// <summary>The terminal that PowerShell runs on; null when its input or output is none.</summary>
    internal static HostTerminal? OpenTerminal() => HostTerminal.TryOpen();
}
