namespace Agb.PowerShell.Commands;

/// <summary><c>Remove-AgbServerKey</c>: removes an API key. A running server refuses it at once; the owner's data stays.</summary>
[Cmdlet(VerbsCommon.Remove, "AgbServerKey", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveAgbServerKeyCommand : AgbServerKeyCmdlet
{
    /// <summary>The key's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The key's name.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerKeyCompleter))]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var data = Data;
        if (ShouldProcess(Name, $"Remove the API key of the server's data directory '{data}'"))
        {
            RunItem(Name, token => CallAsync("server", "remove a key", async () =>
            {
                await ServerKeys.RemoveAsync(data, Name, token).ConfigureAwait(false);
                return true;
            }));
        }
    }
}
