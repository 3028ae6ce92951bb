using System.Management.Automation;
using Agb.PowerShell.Hosting;
using Agb.PowerShell.Servers;

namespace Agb.PowerShell.Commands;

/// <summary><c>Start-AgbServer</c>: starts an Agb server on this machine, which goes on when PowerShell ends.</summary>
[Cmdlet(VerbsLifecycle.Start, "AgbServer", SupportsShouldProcess = true)]
[OutputType(typeof(AgbServerProcess))]
public sealed class StartAgbServerCommand : AgbCmdlet
{
    private const string DefaultAddress = "http://127.0.0.1:8765";

    /// <summary>The address to answer at.</summary>
    [Parameter(Position = 0, HelpMessage = "The address to answer at; port 0 takes a free one.")]
    public Uri Url { get; set; } = new(DefaultAddress);

    /// <summary>The server's directory.</summary>
    [Parameter(HelpMessage = "The directory of the server's keys and data; 'server' in the AGB home directory unless given.")]
    [ValidateNotNullOrEmpty]
    public string? DataDirectory { get; set; }

    /// <summary>Whether other machines may reach it without TLS.</summary>
    [Parameter(HelpMessage = "Let it answer on an address that other machines reach, without TLS.")]
    public SwitchParameter Insecure { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        RequireValid(() =>
        {
            if (!Url.IsAbsoluteUri || Url.Scheme is not ("http" or "https") || Url.PathAndQuery != "/")
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidRequest, $"The address '{Url}' is not one to answer at; expected http://ADDRESS:PORT.",
                    $"Such as {DefaultAddress}.", Url);
            }
        });
        var data = ServerPaths.Resolve(this, DataDirectory);
        if (ShouldProcess(Url.ToString(), $"Start an Agb server with the data directory '{data}'"))
        {
            RunItem(Url, async token => Emit(await CallAsync(
                "server", $"start at {Url}", () => ServerLauncher.StartAsync(Url, data, Insecure, token)).ConfigureAwait(false)));
        }
    }
}

/// <summary><c>Stop-AgbServer</c>: ends a server that Start-AgbServer started. Its sessions go on.</summary>
[Cmdlet(VerbsLifecycle.Stop, "AgbServer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopAgbServerCommand : AgbCmdlet
{
    /// <summary>The server's directory.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The server's data directory; 'server' in the AGB home directory unless given.")]
    [ValidateNotNullOrEmpty]
    public string? DataDirectory { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How many seconds to wait until it has finished its open calls.")]
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
                        AgbErrorIds.ServiceNotAvailable, AgbErrorKind.NotFound, $"No server that Start-AgbServer started runs on '{data}'.",
                        "Name its data directory with -DataDirectory.", data);
                }
            });
        }
    }
}

/// <summary>Finds the directory that both cmdlets mean.</summary>
internal static class ServerPaths
{
    internal static string Resolve(PSCmdlet cmdlet, string? dataDirectory) => dataDirectory is null
        ? ServerLauncher.DefaultDataDirectory(EmbeddedEngine.ResolveHome(null))
        : cmdlet.GetUnresolvedProviderPathFromPSPath(dataDirectory);
}
