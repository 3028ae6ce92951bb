using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Agb.PowerShell.Hosting;

/// <summary>Holds the third-party assemblies of the module, so that they never meet those of another module. Our own
/// assemblies stay in the default context: users name their types.</summary>
internal sealed class DependencyLoadContext() : AssemblyLoadContext("Agb dependencies")
{
    private static readonly string s_directory =
        Path.GetDirectoryName(typeof(DependencyLoadContext).Assembly.Location) ?? AppContext.BaseDirectory;

    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "Microsoft.Data.Sqlite",
        "SQLitePCLRaw.core",
        "SQLitePCLRaw.batteries_v2",
        "SQLitePCLRaw.provider.e_sqlite3",
    };

    private static readonly Lazy<DependencyLoadContext> s_instance = new(() => new DependencyLoadContext());

    /// <summary>Answers the default context when it can't find an assembly of that list itself. Opens no file before.</summary>
    internal static Assembly? Redirect(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simple && s_names.Contains(simple) ? s_instance.Value.Load(name) : null;

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
            // A build for the other C library exists as a file but does not load; the next one is tried then.
            if (File.Exists(path) && NativeLibrary.TryLoad(path, out var handle))
            {
                return handle;
            }
        }
        return IntPtr.Zero;
    }

    /// <summary>The runtime's own identifier first; distributions build theirs under names of their own, so the portable
    /// ones follow.</summary>
    private static IEnumerable<string> RuntimeIdentifiers()
    {
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        return [RuntimeInformation.RuntimeIdentifier, $"linux-{architecture}", $"linux-musl-{architecture}"];
    }
}
