namespace Agb.PowerShell.Commands;

/// <summary><c>Stop-AgbServer</c>: ends a server started by Start-AgbServer. Its sessions go on.</summary>
[Cmdlet(VerbsLifecycle.Stop, "AgbServer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopAgbServerCommand : AgbCmdlet
{
    /// <summary>The server's directory.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The server's data directory; 'server' in the AGB home directory unless given.")]
    [ValidateNotNullOrEmpty]
    public string? DataDirectory { get; set; }

    /// <summary>The time limit of the wait, in seconds.</summary>
    [Parameter(HelpMessage = "How many seconds to wait for the end of open calls.")]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 60;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var data = ServerPaths.Resolve(this, DataDirectory);
        if (ShouldProcess(data, "Stop the Agb server of the data directory"))
        {
            RunItem(data, async token =>
            {
                if (!await CallAsync(
                    "server", "stop", () => ServerLauncher.StopAsync(data, TimeSpan.FromSeconds(TimeoutSeconds), token)).ConfigureAwait(false))
                {
                    throw new AgbException(
                        AgbErrorIds.ServiceNotAvailable, AgbErrorKind.NotFound, $"No server started by Start-AgbServer runs on '{data}'.",
                        "Name its data directory with -DataDirectory.", data);
                }
            });
        }
    }
}
