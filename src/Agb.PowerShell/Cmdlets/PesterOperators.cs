using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Agb.PowerShell;

/// <summary>Adds our Should operators to Pester, and to Pester 6 our functions too, at the first run of a cmdlet in a runspace
/// with Pester. A test calls a cmdlet before any assertion, so the order of imports does not matter, and an import costs
/// nothing.</summary>
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

    /// <summary>Adds the operators once in each runspace with Pester. Belongs to the pipeline thread.</summary>
    internal static void Ensure(PSCmdlet cmdlet)
    {
        if (Runspace.DefaultRunspace is not { } runspace || s_done.TryGetValue(runspace, out _)
            || !AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == "Pester"))
        {
            return;
        }
        // Before the script, so that commands in it do not start it again.
        s_done.Add(runspace, s_done);
        var companion = Path.Combine(Path.GetDirectoryName(typeof(PesterOperators).Assembly.Location)!, "Agb.Pester.psm1");
        if (!File.Exists(companion) || cmdlet.InvokeCommand.InvokeScript(Script, companion).Count == 0)
        {
            s_done.Remove(runspace);
        }
    }
}
