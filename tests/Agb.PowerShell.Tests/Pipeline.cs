using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Shell = System.Management.Automation.PowerShell;

namespace Agb.PowerShell.Tests;

/// <summary>A script that runs meanwhile, in a runspace of its own with the module.</summary>
internal sealed class Pipeline : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly Runspace _runspace = ModuleRunspace.Open();
    private readonly Shell _shell;
    private readonly Task<PSDataCollection<PSObject>> _run;

    internal Pipeline(string script, params (string Name, object? Value)[] variables)
    {
        _shell = Shell.Create(_runspace);
        foreach (var (name, value) in variables)
        {
            _runspace.SessionStateProxy.SetVariable(name, value);
        }
        _run = _shell.AddScript(script).InvokeAsync();
    }

    internal PSInvocationState State => _shell.InvocationStateInfo.State;

    internal PSDataStreams Streams => _shell.Streams;

    /// <summary>Waits for the end of the script.</summary>
    /// <returns>Its output.</returns>
    internal async Task<PSObject[]> EndAsync() => [.. await _run.WaitAsync(s_limit)];

    /// <summary>Stops the script as Ctrl+C does, and waits until its pipeline has ended.</summary>
    internal Task StopAsync() => _shell.StopAsync(null, null).WaitAsync(s_limit);

    /// <inheritdoc/>
    public void Dispose()
    {
        _shell.Dispose();
        _runspace.Dispose();
    }
}
