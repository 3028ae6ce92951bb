using Agb.Sandbox;

namespace Agb.Testing;

/// <summary>Sandboxes left by tests that failed.</summary>
public static class LeftSandboxes
{
    /// <summary>Ends all sandboxes of the sessions below a directory, before it is removed.</summary>
    public static async Task EndAsync(string directory)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(directory))
        {
            return;
        }
        var driver = new BubblewrapDriver(directory, TimeProvider.System);
        foreach (var session in Directory.EnumerateDirectories(directory, "sessions", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
            .SelectMany(Directory.EnumerateDirectories).ToArray())
        {
            await driver.CleanUpAsync(session, CancellationToken.None);
        }
    }
}
