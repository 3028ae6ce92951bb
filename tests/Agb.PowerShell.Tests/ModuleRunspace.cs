using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace Agb.PowerShell.Tests;

/// <summary>A runspace with the module, for the tests of one class.</summary>
public sealed class ModuleRunspace : IDisposable
{
    /// <summary>Opens a runspace and imports the module.</summary>
    public ModuleRunspace() => Runspace = Open();

    internal Runspace Runspace { get; }

    /// <summary>Opens another runspace with the module.</summary>
    /// <param name="host">The host of the runspace; one without a user unless given.</param>
    internal static Runspace Open(PSHost? host = null)
    {
        var state = InitialSessionState.CreateDefault();
        var runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        shell.AddCommand("Import-Module").AddArgument(ModuleFolder.Manifest).Invoke();
        shell.Streams.Error.ShouldBeEmpty();
        return runspace;
    }

    /// <inheritdoc/>
    public void Dispose() => Runspace.Dispose();
}
