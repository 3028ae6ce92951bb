using Agb.Engine;

namespace Agb.PowerShell;

/// <summary>The only access to the engine.</summary>
internal static class EmbeddedEngine
{
    /// <summary>The name of the embedded service, also before it exists.</summary>
    internal const string Name = "embedded";

    /// <summary>The full path of a home directory; null for the environment's.</summary>
    internal static string ResolveHome(string? homeDirectory) => Platform.IsLinux
        ? EmbeddedService.ResolveHome(new EmbeddedOptions { HomeDirectory = homeDirectory })
        : homeDirectory ?? "agb";

    /// <summary>Opens the service of a home directory.</summary>
    /// <param name="homeDirectory">The full path.</param>
    /// <param name="warn">Takes each warning as a line; called on any thread.</param>
    /// <exception cref="AgbException">HostNotReady: this is not Linux.</exception>
    internal static IAgbService Open(string homeDirectory, Action<string> warn) => Platform.IsLinux
        ? EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = homeDirectory, PreparedSandboxes = 1 }.WithLog(warn))
        : throw Platform.NeedsLinux("The embedded service");

    /// <summary>Whether a home directory holds a store. Creates nothing.</summary>
    internal static bool HasStore(string homeDirectory) => Platform.IsLinux && File.Exists(Path.Combine(homeDirectory, "catalog.db"));

    /// <summary>Fails for another user's directory, before any write to it.</summary>
    internal static void RequireUsable(string directory)
    {
        if (Platform.IsLinux)
        {
            AgbStore.RequireUsable(directory);
        }
    }

    /// <summary>Checks this host's requirements for sessions.</summary>
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

    /// <summary>The terminal of PowerShell; null when its input or output is redirected.</summary>
    internal static HostTerminal? OpenTerminal() => Platform.IsLinux ? HostTerminal.TryOpen() : null;
}
