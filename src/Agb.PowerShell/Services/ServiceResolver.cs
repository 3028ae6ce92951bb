using System.Security;

namespace Agb.PowerShell;

/// <summary>Finds the first service of a chain. It caches opened services only, one for each home directory and one for each
/// endpoint and key; each call decides again between them.</summary>
internal static class ServiceResolver
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, IAgbService> s_opened = new(StringComparer.Ordinal);
    private static readonly AsyncLocal<string?> s_directory = new();

    /// <summary>Warnings of the embedded services, also from work between two cmdlets. The next cmdlet with -Verbose in any
    /// runspace shows them.</summary>
    internal static RecentLines EngineWarnings { get; } = new();

    /// <summary>The directory of the <c>.env</c> file: the location of the calling PowerShell, for the work of its
    /// call.</summary>
    internal static string Directory
    {
        get => s_directory.Value ?? Environment.CurrentDirectory;
        set => s_directory.Value = value;
    }

    /// <summary>The environment's service: a remote one if there is an API key, else the embedded one.</summary>
    /// <exception cref="AgbException">A setting in the environment is not valid.</exception>
    internal static IAgbService Default() => RemoteServices.Find(Directory) is { } settings ? Remote(settings) : Embedded(null);

    /// <summary>The service at an endpoint.</summary>
    /// <param name="endpoint">The endpoint; null for the environment's, else the AGB cloud's.</param>
    /// <param name="apiKey">The API key; null for the environment's.</param>
    /// <param name="timeout">The time limit of a call; null for the environment's, else the default.</param>
    internal static IAgbService Remote(string? endpoint, SecureString? apiKey, TimeSpan? timeout) =>
        Remote(RemoteServices.Require(Directory, endpoint, apiKey, timeout));

    /// <summary>The service of the environment if it is open already, for callers that must not open one.</summary>
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

    /// <summary>The identity of an opened service, the same in each process; null for a service opened elsewhere. Holds no
    /// key.</summary>
    internal static string? IdentityOf(IAgbService service)
    {
        lock (s_gate)
        {
            return s_opened.FirstOrDefault(o => ReferenceEquals(o.Value, service)).Key;
        }
    }

    /// <summary>Whether the environment asks for a remote service.</summary>
    internal static bool WantsRemote => RemoteServices.Find(Directory) is not null;

    /// <summary>The embedded service of a home directory; null for the environment's.</summary>
    internal static IAgbService Embedded(string? homeDirectory)
    {
        var home = EmbeddedEngine.ResolveHome(homeDirectory);
        lock (s_gate)
        {
            // A removed home invalidates its service: its files are gone.
            if (s_opened.TryGetValue(home, out var opened) && System.IO.Directory.Exists(home))
            {
                return opened;
            }
            (opened as IDisposable)?.Dispose();
            s_opened.Remove(home);
            return s_opened[home] = EmbeddedEngine.Open(home, EngineWarnings.Add);
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
