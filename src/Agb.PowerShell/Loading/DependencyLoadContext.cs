using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Agb.PowerShell;

/// <summary>Holds the engine, the client of AGB services and their third-party assemblies, apart from the assemblies of other
/// modules. The engine itself must be in this context: in the default context it would bind to the Microsoft.Data.Sqlite of a
/// module loaded earlier. Agb.Core and Agb.PowerShell stay in the default context, because users name their types.</summary>
internal sealed class DependencyLoadContext() : AssemblyLoadContext("Agb dependencies")
{
    /// <summary>The assemblies served to the default context.</summary>
    private static readonly HashSet<string> s_entries = new(StringComparer.OrdinalIgnoreCase) { "Agb.Engine", "Agb.Cloud", "Agb.Browser" };

    private static readonly string s_directory =
        Path.GetDirectoryName(typeof(DependencyLoadContext).Assembly.Location) ?? AppContext.BaseDirectory;

    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "Agb.Engine",
        "Agb.Linux",
        "Agb.Sandbox",
        "Agb.Store",
        "Agb.Browser",
        "Agb.Cloud",
        "Agb.Protocol",
        "ICSharpCode.SharpZipLib",
        "Microsoft.Data.Sqlite",
        "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Logging",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options",
        "Microsoft.Extensions.Primitives",
        "Microsoft.IO.RecyclableMemoryStream",
        "Polly.Core",
        "PuppeteerSharp",
        "ReactiveExtensionsSharp",
        "SQLitePCLRaw.core",
        "SQLitePCLRaw.batteries_v2",
        "SQLitePCLRaw.provider.e_sqlite3",
        "System.IO.Hashing",
        "WebDriverBiDi",
    };

    private static readonly Lazy<DependencyLoadContext> s_instance = new(() => new DependencyLoadContext());

    /// <summary>Serves the engine and the client to the default context, and nothing else: another module must not get our
    /// Microsoft.Data.Sqlite in place of its own. Opens no file before.</summary>
    internal static Assembly? Redirect(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simple && s_entries.Contains(simple) ? s_instance.Value.Load(name) : null;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name is not { } simple || !s_names.Contains(simple))
        {
            return null;
        }
        var path = Path.Combine(s_directory, simple + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        foreach (var runtime in RuntimeIdentifiers())
        {
            var path = Path.Combine(s_directory, "runtimes", runtime, "native", $"lib{unmanagedDllName}.so");
            // A build for the other C library exists as a file but does not load; try the next one.
            if (File.Exists(path) && NativeLibrary.TryLoad(path, out var handle))
            {
                return handle;
            }
        }
        return IntPtr.Zero;
    }

    /// <summary>The runtime's own identifier, then the portable ones: distributions use their own names for their
    /// builds.</summary>
    private static IEnumerable<string> RuntimeIdentifiers()
    {
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        return [RuntimeInformation.RuntimeIdentifier, $"linux-{architecture}", $"linux-musl-{architecture}"];
    }
}
