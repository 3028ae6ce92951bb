using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Connect-Agb</c>: a connection to start chains with.</summary>
[Cmdlet(VerbsCommunications.Connect, "Agb")]
[OutputType(typeof(AgbConnection))]
public sealed class ConnectAgbCommand : AgbCmdlet
{
    /// <summary>The embedded service's directory.</summary>
    [Parameter(Position = 0, HelpMessage = "The directory of the embedded service; $AGB_HOME unless given.")]
    [ValidateNotNullOrEmpty]
    public string? HomeDirectory { get; set; }

    /// <summary>The address of an AGB-compatible service.</summary>
    [Parameter(HelpMessage = "The address of an AGB-compatible service. Not part of this version.")]
    public string? Endpoint { get; set; }

    /// <summary>The key for that service.</summary>
    [Parameter(HelpMessage = "The API key of an AGB-compatible service. Not part of this version.")]
    public string? ApiKey { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var asked = Endpoint is not null ? $"-{nameof(Endpoint)} is given"
            : ApiKey is not null ? $"-{nameof(ApiKey)} is given"
            : HomeDirectory is null && ServiceResolver.WantsCloud ? "AGB_API_KEY is set in the environment"
            : null;
        // A relative directory is meant from PowerShell's location, which the process does not share.
        var home = EmbeddedEngine.ResolveHome(HomeDirectory is null ? null : GetUnresolvedProviderPathFromPSPath(HomeDirectory));
        RunItem(home, async _ =>
        {
            if (asked is not null)
            {
                throw ServiceResolver.CloudNotAvailable(asked);
            }
            Emit(new AgbConnection(
                await CallAsync(
                    EmbeddedEngine.Name, $"open the store '{home}'", () => Task.FromResult(ServiceResolver.Embedded(home))).ConfigureAwait(false),
                home));
        });
    }

    /// <inheritdoc/>
    private protected override bool IsFinal(Exception failure) => true;
}
