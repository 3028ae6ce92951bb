namespace Agb.PowerShell.Hosting;

/// <summary>Finds the service that a chain starts with. Nothing is remembered but opened services, one per home
/// directory; which one is meant is decided anew by each call.</summary>
internal static class ServiceResolver
{
    private const string ApiKeyVariable = "AGB_API_KEY";

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, IAgbService> s_opened = new(StringComparer.Ordinal);

    /// <summary>Whether the environment asks for a service that is not on this machine.</summary>
    internal static bool WantsCloud => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ApiKeyVariable));

    /// <summary>The service that the environment decides on.</summary>
    internal static IAgbService Default() => WantsCloud
        ? throw CloudNotAvailable($"the environment variable {ApiKeyVariable} is set")
        : Embedded(null);

    /// <summary>The embedded service of a home directory; null for the environment's.</summary>
    internal static IAgbService Embedded(string? homeDirectory)
    {
        var home = EmbeddedEngine.ResolveHome(homeDirectory);
        lock (s_gate)
        {
            // A home that was removed since takes its service with it: that one's files are gone.
            if (s_opened.TryGetValue(home, out var opened) && Directory.Exists(home))
            {
                return opened;
            }
            (opened as IDisposable)?.Dispose();
            s_opened.Remove(home);
            return s_opened[home] = EmbeddedEngine.Open(home);
        }
    }

    /// <summary>The error for whoever asks for the cloud.</summary>
    internal static AgbException CloudNotAvailable(string reason) => new(
        AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed,
        $"The AGB cloud is asked for ({reason}), but the cloud client is not part of this version.",
        $"Remove {ApiKeyVariable} from the environment, or use the embedded service: Connect-Agb -HomeDirectory <directory>.");
}
