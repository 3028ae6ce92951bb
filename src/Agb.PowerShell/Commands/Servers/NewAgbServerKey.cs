namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbServerKey</c>: creates an API key. A running server accepts it at once.</summary>
[Cmdlet(VerbsCommon.New, "AgbServerKey", SupportsShouldProcess = true)]
[OutputType(typeof(AgbServerKey))]
public sealed class NewAgbServerKeyCommand : AgbServerKeyCmdlet
{
    /// <summary>The key's name.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The key's name, unique on the server.")]
    public string Name { get; set; } = "";

    /// <summary>The owner of the data.</summary>
    [Parameter(HelpMessage = "The owner of the data, as Get-AgbServerKey shows it; a new owner unless given.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerOwnerCompleter))]
    public string? Owner { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var data = Data;
        if (ShouldProcess(Name, $"Make an API key of the server's data directory '{data}'"))
        {
            RunItem(Name, async token => Emit(await CallAsync("server", "make a key", () => ServerKeys.AddAsync(data, Name, Owner, token)).ConfigureAwait(false)));
        }
    }
}
