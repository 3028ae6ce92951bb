using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Test-AgbHost</c>: says what this machine has of what sessions need, and what to do about the rest.</summary>
[Cmdlet(VerbsDiagnostic.Test, "AgbHost")]
[OutputType(typeof(AgbHostCheck))]
public sealed class TestAgbHostCommand : AgbCmdlet
{
    /// <summary>The embedded service's directory.</summary>
    [Parameter(Position = 0, HelpMessage = "The directory of the embedded service; $AGB_HOME unless given.")]
    [ValidateNotNullOrEmpty]
    public string? HomeDirectory { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var home = EmbeddedEngine.ResolveHome(HomeDirectory is null ? null : GetUnresolvedProviderPathFromPSPath(HomeDirectory));
        RunItem(home, async token =>
        {
            foreach (var check in await CallAsync(
                EmbeddedEngine.Name, "check this host", () => EmbeddedEngine.CheckHostAsync(home, token)).ConfigureAwait(false))
            {
                Emit(check);
            }
        });
    }
}
