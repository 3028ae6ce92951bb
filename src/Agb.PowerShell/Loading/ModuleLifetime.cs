using System.Runtime.Loader;

namespace Agb.PowerShell;

/// <summary>Import and removal of the module: sets and removes one assembly handler, and registers path completion of the
/// drive. So an import costs little more than loading the assembly.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly Lock s_gate = new();

    // The handler serves all runspaces of the process with this module.
    private static int s_imports;

    /// <inheritdoc/>
    public void OnImport()
    {
        lock (s_gate)
        {
            if (s_imports++ == 0)
            {
                AssemblyLoadContext.Default.Resolving += DependencyLoadContext.Redirect;
            }
        }
        PathCompletion.Register();
        PathMember.Added = static (instance, name) => PSObject.AsPSObject(instance).Properties[name]?.Value;
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        lock (s_gate)
        {
            if (--s_imports == 0)
            {
                AssemblyLoadContext.Default.Resolving -= DependencyLoadContext.Redirect;
            }
        }
    }
}
