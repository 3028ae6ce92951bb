using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Agb.PowerShell.Hosting;

/// <summary>Gives Pester our operators of Should, and Pester 6 our functions beside them, when a cmdlet first runs beside it: a test has called a cmdlet before it
/// verifies anything, so it does not matter which module was imported first, and an import costs nothing.</summary>
internal static class PesterOperators
{
    private const string Script = """
        param($companion)
        if (Get-Module Pester | Where-Object { $_.Version.Major -ge 5 }) {
            # Pester's own functions have the verb Should.
            Import-Module $companion -Scope Global -DisableNameChecking
            $true
        }
        """;

    private static readonly ConditionalWeakTable<Runspace, object> s_done = [];

    /// <summary>Looks once in each runspace that has Pester. Belongs to the pipeline thread.</summary>
    internal static void Ensure(PSCmdlet cmdlet)
    {
        if (Runspace.DefaultRunspace is not { } runspace || s_done.TryGetValue(runspace, out _)
            || !AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == "Pester"))
        {
            return;
        }
        // Before the script: the companion must not be looked for again by what it runs itself.
        s_done.Add(runspace, s_done);
        var companion = Path.Combine(Path.GetDirectoryName(typeof(PesterOperators).Assembly.Location)!, "Agb.Pester.psm1");
        if (!File.Exists(companion) || cmdlet.InvokeCommand.InvokeScript(Script, companion).Count == 0)
        {
            s_done.Remove(runspace);
        }
    }
}
