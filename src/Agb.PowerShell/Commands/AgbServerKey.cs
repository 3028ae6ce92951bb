using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;
using Agb.PowerShell.Servers;

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

/// <summary><c>Get-AgbServerKey</c>: lists API keys, without the keys themselves.</summary>
[Cmdlet(VerbsCommon.Get, "AgbServerKey")]
[OutputType(typeof(AgbServerKey))]
public sealed class GetAgbServerKeyCommand : AgbServerKeyCmdlet
{
    /// <summary>The names, with wildcards.</summary>
    [Parameter(Position = 0, HelpMessage = "Names of keys; wildcards are allowed.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerKeyCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var data = Data;
        RunItem(data, async token =>
        {
            var keys = await CallAsync("server", "list keys", () => ServerKeys.ListAsync(data, token)).ConfigureAwait(false);
            foreach (var pattern in Name ?? ["*"])
            {
                var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
                var found = keys.Where(k => k.Name == pattern || wildcard.IsMatch(k.Name)).ToArray();
                if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(pattern))
                {
                    EmitError(
                        AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"There is no key named '{pattern}'.", "List the keys with Get-AgbServerKey.", pattern),
                        pattern);
                }
                foreach (var key in found)
                {
                    Emit(key);
                }
            }
        });
    }
}

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
