using System.Globalization;
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

    /// <summary>The certificate for https.</summary>
    [Parameter(HelpMessage = "The PEM file with the certificate of an https address; it may hold the chain and the key too.")]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <summary>The certificate's key.</summary>
    [Parameter(HelpMessage = "The PEM file with the certificate's key, where that is a file of its own.")]
    [ValidateNotNullOrEmpty]
    public string? CertificateKey { get; set; }

    /// <summary>Memory limit of sessions.</summary>
    [Parameter(HelpMessage = "The most memory of a session that asks for no limit of its own, such as 512MB; no limit unless given.")]
    public long? MemoryLimit { get; set; }

    /// <summary>Process limit of sessions.</summary>
    [Parameter(HelpMessage = "The most processes and threads of a session that asks for no limit of its own; no limit unless given.")]
    public int? ProcessLimit { get; set; }

    /// <summary>CPU limit of sessions.</summary>
    [Parameter(HelpMessage = "How many CPUs a session may use that asks for no limit of its own, such as 0.5 or 2; no limit unless given.")]
    public double? CpuLimit { get; set; }

    /// <summary>Disk limit of sessions.</summary>
    [Parameter(HelpMessage = "The most that a session may have written and not removed that asks for no limit of its own, such as 2GB; no limit unless given.")]
    public long? DiskLimit { get; set; }

    /// <summary>Limit of open files of sessions.</summary>
    [Parameter(HelpMessage = "The most files that each process of a session may have open that asks for no limit of its own; no limit unless given.")]
    public int? OpenFileLimit { get; set; }

    /// <summary>The most sessions of all owners.</summary>
    [Parameter(HelpMessage = "The most sessions of all owners together; 0 for no limit.")]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxSessions { get; set; }

    /// <summary>The most sessions of one owner.</summary>
    [Parameter(HelpMessage = "The most sessions of one owner; 0 for no limit.")]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxSessionsPerOwner { get; set; }

    /// <summary>The most calls that run at a time.</summary>
    [Parameter(HelpMessage = "The most commands, transfers and other calls that run at a time; 0 for no limit.")]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxCalls { get; set; }

    /// <summary>The most calls of one owner that run at a time.</summary>
    [Parameter(HelpMessage = "The most such calls of one owner; 0 for no limit.")]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxCallsPerOwner { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        RequireValid(() =>
        {
            LimitRules.Limits(new AgbSessionLimits
            {
                MemoryBytes = MemoryLimit, Processes = ProcessLimit, Cpus = CpuLimit, DiskBytes = DiskLimit, OpenFiles = OpenFileLimit,
            });
            if (!Url.IsAbsoluteUri || Url.Scheme is not ("http" or "https") || Url.PathAndQuery != "/")
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidRequest, $"The address '{Url}' is not one to answer at; expected http://ADDRESS:PORT.",
                    $"Such as {DefaultAddress}.", Url);
            }
        });
        var data = ServerPaths.Resolve(this, DataDirectory);
        string[] options = [.. Access(), .. Limits()];
        if (ShouldProcess(Url.ToString(), $"Start an Agb server with the data directory '{data}'"))
        {
            RunItem(Url, async token => Emit(await CallAsync(
                "server", $"start at {Url}", () => ServerLauncher.StartAsync(Url, data, options, token)).ConfigureAwait(false)));
        }
    }

    /// <summary>The options for who reaches the server, and how.</summary>
    private IEnumerable<string> Access()
    {
        if (Insecure)
        {
            yield return "--insecure";
        }
        foreach (var (option, file) in new[] { ("--certificate", Certificate), ("--certificate-key", CertificateKey) })
        {
            if (file is not null)
            {
                yield return option;
                yield return GetUnresolvedProviderPathFromPSPath(file);
            }
        }
    }

    /// <summary>The options for how much it lets sessions use, and how much it takes on. The program counts memory and disk in whole MiB.</summary>
    private IEnumerable<string> Limits()
    {
        const double Mib = 1024 * 1024;
        (string Option, double? Value)[] all =
        [
            ("--memory-limit-mib", MemoryLimit is { } memory ? Math.Ceiling(memory / Mib) : null),
            ("--process-limit", ProcessLimit),
            ("--cpu-limit", CpuLimit),
            ("--disk-limit-mib", DiskLimit is { } disk ? Math.Ceiling(disk / Mib) : null),
            ("--open-file-limit", OpenFileLimit),
            ("--max-sessions", MaxSessions),
            ("--max-sessions-per-owner", MaxSessionsPerOwner),
            ("--max-calls", MaxCalls),
            ("--max-calls-per-owner", MaxCallsPerOwner),
        ];
        foreach (var (option, value) in all)
        {
            if (value is { } given)
            {
                yield return option;
                yield return given.ToString(CultureInfo.InvariantCulture);
            }
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

/// <summary>Finds the directory that a cmdlet means.</summary>
internal static class ServerPaths
{
    internal static string Resolve(PSCmdlet cmdlet, string? dataDirectory) => dataDirectory is null
        ? ServerLauncher.DefaultDataDirectory(EmbeddedEngine.ResolveHome(null))
        : cmdlet.GetUnresolvedProviderPathFromPSPath(dataDirectory);
}
