namespace Agb.PowerShell.Commands;

/// <summary><c>Test-AgbHost</c>: checks this machine's requirements for sessions, and gives remedies.</summary>
[Cmdlet(VerbsDiagnostic.Test, "AgbHost")]
[OutputType(typeof(AgbHostCheck), typeof(bool))]
public sealed class TestAgbHostCommand : AgbCmdlet
{
    /// <summary>The embedded service's directory.</summary>
    [Parameter(Position = 0, HelpMessage = "The directory of the embedded service; $AGB_HOME unless given.")]
    [ValidateNotNullOrEmpty]
    public string? HomeDirectory { get; set; }

    /// <summary>Whether to return only true or false.</summary>
    [Parameter(HelpMessage = "Return only $true or $false: whether sessions can run on this host.")]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var home = EmbeddedEngine.ResolveHome(HomeDirectory is null ? null : GetUnresolvedProviderPathFromPSPath(HomeDirectory));
        RunItem(home, async token =>
        {
            var checks = await CallAsync(EmbeddedEngine.Name, "check this host", () => EmbeddedEngine.CheckHostAsync(home, token)).ConfigureAwait(false);
            if (Quiet)
            {
                Emit(checks.All(c => c.Status != AgbHostCheckStatus.Missing));
                return;
            }
            foreach (var check in checks)
            {
                Emit(check);
            }
        });
    }
}
