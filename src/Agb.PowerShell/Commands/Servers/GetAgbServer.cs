namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbServer</c>: lists this user's running servers on this machine.</summary>
[Cmdlet(VerbsCommon.Get, "AgbServer")]
[OutputType(typeof(AgbServerProcess))]
public sealed class GetAgbServerCommand : AgbCmdlet
{
    /// <summary>The server's directory.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The data directory of the server; all servers unless given.")]
    [ValidateNotNullOrEmpty]
    public string? DataDirectory { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var data = DataDirectory is null ? null : ServerPaths.Resolve(this, DataDirectory);
        RunItem(data, async token =>
        {
            var running = await CallAsync("server", "list", () => Task.Run(() => ServerLauncher.Running().ToArray(), token)).ConfigureAwait(false);
            foreach (var server in running.Where(s => data is null || s.DataDirectory == data))
            {
                Emit(server);
            }
        });
    }
}
