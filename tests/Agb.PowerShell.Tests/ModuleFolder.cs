using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Agb.PowerShell.Tests;

/// <summary>The module folder of this build.</summary>
internal static class ModuleFolder
{
    /// <summary>The manifest of the module.</summary>
    internal static string Manifest { get; } = Path.Combine(AppContext.BaseDirectory, "module", "Agb.psd1");

    /// <summary>Serves the types named by tests from the module folder. The module itself serves its other assemblies.</summary>
    [ModuleInitializer]
    internal static void Initialize() => AssemblyLoadContext.Default.Resolving += static (context, name) => name.Name switch
    {
        "Agb.Core" or "Agb.PowerShell" => Load(context, "bin", name),
        "Agb.PowerShell.TestService" => Load(context, "service", name),
        _ => null,
    };

    private static Assembly Load(AssemblyLoadContext context, string folder, AssemblyName name) =>
        context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "module", folder, name.Name + ".dll"));
}
