using System.Management.Automation.Runspaces;

namespace Agb.PowerShell.Tests;

/// <summary>A runspace with the module, for the tests of one class.</summary>
public sealed class ModuleRunspace : IDisposable
{
    /// <summary>Opens a runspace and imports the module.</summary>
    public ModuleRunspace() => Runspace = Open();

    internal Runspace Runspace { get; }

    /// <summary>Opens another runspace with the module.</summary>
    internal static Runspace Open()
    {
        var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault());
        runspace.Open();
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        shell.AddCommand("Import-Module").AddArgument(ModuleFolder.Manifest).Invoke();
        shell.Streams.Error.ShouldBeEmpty();
        return runspace;
    }

    /// <inheritdoc/>
    public void Dispose() => Runspace.Dispose();
}
