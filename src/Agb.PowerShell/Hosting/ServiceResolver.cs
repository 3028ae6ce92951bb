using System.Security;

namespace Agb.PowerShell.Hosting;

/// <summary>Finds the service that a chain starts with. Nothing is remembered but opened services, one per home directory
/// and one per endpoint and key; which one is meant is decided anew by each call.</summary>
internal static class ServiceResolver
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, IAgbService> s_opened = new(StringComparer.Ordinal);
    private static readonly AsyncLocal<string?> s_directory = new();

    /// <summary>The directory whose <c>.env</c> file counts: the location of the PowerShell that called, for the work that its
    /// call started.</summary>
    internal static string Directory
    {
        get => s_directory.Value ?? Environment.CurrentDirectory;
        set => s_directory.Value = value;
    }

    /// <summary>The service that the environment decides on: one that is reached over the network when there is an API key, else
    /// the embedded one.</summary>
    /// <exception cref="AgbException">A setting in the environment that is not acceptable.</exception>
    internal static IAgbService Default() => RemoteServices.Find(Directory) is { } settings ? Remote(settings) : Embedded(null);

    /// <summary>The service at an endpoint.</summary>
    /// <param name="endpoint">The endpoint; null for the environment's, else the AGB cloud's.</param>
    /// <param name="apiKey">The API key; null for the environment's.</param>
    /// <param name="timeout">How long a call may take; null for the environment's, else the default.</param>
    internal static IAgbService Remote(string? endpoint, SecureString? apiKey, TimeSpan? timeout) =>
        Remote(RemoteServices.Require(Directory, endpoint, apiKey, timeout));

    /// <summary>The service that is opened already, if there is one, for whoever must not open any.</summary>
    internal static IAgbService? OpenedRemote()
    {
        if (RemoteServices.Find(Directory) is not { } settings)
        {
            return null;
        }
        lock (s_gate)
        {
            return s_opened.GetValueOrDefault(settings.Identity);
        }
    }

    /// <summary>What tells an opened service from the others, the same in each process; null for a service that was not opened
    /// here. Holds no key.</summary>
    internal static string? IdentityOf(IAgbService service)
    {
        lock (s_gate)
        {
            return s_opened.FirstOrDefault(o => ReferenceEquals(o.Value, service)).Key;
        }
    }

    /// <summary>Whether the environment asks for a service that is not on this machine.</summary>
    internal static bool WantsRemote => RemoteServices.Find(Directory) is not null;

    /// <summary>The embedded service of a home directory; null for the environment's.</summary>
    internal static IAgbService Embedded(string? homeDirectory)
    {
        var home = EmbeddedEngine.ResolveHome(homeDirectory);
        lock (s_gate)
        {
            // A home that was removed since takes its service with it: that one's files are gone.
            if (s_opened.TryGetValue(home, out var opened) && System.IO.Directory.Exists(home))
            {
                return opened;
            }
            (opened as IDisposable)?.Dispose();
            s_opened.Remove(home);
            return s_opened[home] = EmbeddedEngine.Open(home);
        }
    }

    private static IAgbService Remote(RemoteSettings settings)
    {
        lock (s_gate)
        {
            return s_opened.TryGetValue(settings.Identity, out var opened)
                ? opened
                : s_opened[settings.Identity] = settings.Open();
        }
    }
}
