namespace Agb.PowerShell.Commands;

/// <summary>The base of cmdlets for the keys of a server's data directory, with or without a running server.</summary>
public abstract class AgbServerKeyCmdlet : AgbCmdlet
{
    /// <summary>The server's directory.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The server's data directory; 'server' in the AGB home directory unless given.")]
    [ValidateNotNullOrEmpty]
    public string? DataDirectory { get; set; }

    /// <summary>The resolved data directory.</summary>
    private protected string Data => ServerPaths.Resolve(this, DataDirectory);
}
