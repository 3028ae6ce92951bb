using Agb.Engine;
using Agb.Engine.Terminals;

namespace Agb.PowerShell.Hosting;

/// <summary>The only place that knows the engine.</summary>
internal static class EmbeddedEngine
{
    /// <summary>What the service is called, also before there is one.</summary>
    internal const string Name = "embedded";

    /// <summary>The full path of a home directory; null for the environment's.</summary>
    internal static string ResolveHome(string? homeDirectory) => Platform.IsLinux
        ? EmbeddedService.ResolveHome(new EmbeddedOptions { HomeDirectory = homeDirectory })
        : homeDirectory ?? "agb";

    /// <summary>Opens the service of a home directory.</summary>
    /// <exception cref="AgbException">HostNotReady, when this is not Linux.</exception>
    internal static IAgbService Open(string homeDirectory) => Platform.IsLinux
        ? EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = homeDirectory })
        : throw Platform.NeedsLinux("The embedded service");

    /// <summary>Whether a home directory holds a store. Only looks.</summary>
    internal static bool HasStore(string homeDirectory) => Platform.IsLinux && File.Exists(Path.Combine(homeDirectory, "catalog.db"));

    /// <summary>Checks, before anything is written there, that a directory is not another user's.</summary>
    internal static void RequireUsable(string directory)
    {
        if (Platform.IsLinux)
        {
            AgbStore.RequireUsable(directory);
        }
    }

    /// <summary>Checks what sessions need of this host.</summary>
    internal static Task<IReadOnlyList<AgbHostCheck>> CheckHostAsync(string homeDirectory, CancellationToken cancellationToken)
    {
        if (Platform.IsLinux)
        {
            return AgbHost.CheckAsync(homeDirectory, cancellationToken);
        }
        var why = Platform.NeedsLinux("The embedded service");
        return Task.FromResult<IReadOnlyList<AgbHostCheck>>(
            [new AgbHostCheck { Name = "Linux", Status = AgbHostCheckStatus.Missing, Detail = why.Message, Remedy = why.Remedy }]);
    }

    /// <summary>The terminal that PowerShell runs on; null when its input or output is none.</summary>
    internal static HostTerminal? OpenTerminal() => Platform.IsLinux ? HostTerminal.TryOpen() : null;
}
