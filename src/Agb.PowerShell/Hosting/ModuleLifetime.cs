using System.Management.Automation;
using System.Runtime.Loader;

namespace Agb.PowerShell.Hosting;

/// <summary>What happens when the module is imported and removed: one handler is set and taken back, paths of the drive get their
/// completion, and the runspace is told the members of the objects, so that an import costs little more than loading the assembly.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly Lock s_gate = new();

    // The module can be imported in many runspaces of one process; the handler serves them all.
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
        Drive.PathCompletion.Register();
        PathMember.Added = static (instance, name) => PSObject.AsPSObject(instance).Properties[name]?.Value;
        MemberTypes.Add();
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
