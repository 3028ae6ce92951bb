namespace Agb.PowerShell.Commands;

/// <summary><c>Start-AgbServer</c>: starts an Agb server on this machine. It goes on after the end of PowerShell.</summary>
[Cmdlet(VerbsLifecycle.Start, "AgbServer", SupportsShouldProcess = true)]
[OutputType(typeof(AgbServerProcess))]
public sealed class StartAgbServerCommand : AgbCmdlet
{
    private const string DefaultAddress = "http://127.0.0.1:8765";

    /// <summary>The address to listen on.</summary>
    [Parameter(Position = 0, HelpMessage = "The address to listen on; port 0 takes a free port.")]
    public Uri Url { get; set; } = new(DefaultAddress);

    /// <summary>The server's directory.</summary>
    [Parameter(HelpMessage = "The directory of the server's keys and data; 'server' in the AGB home directory unless given.")]
    [ValidateNotNullOrEmpty]
    public string? DataDirectory { get; set; }

    /// <summary>Whether to allow other machines without TLS.</summary>
    [Parameter(HelpMessage = "Allow an address reachable from other machines without TLS.")]
    public SwitchParameter Insecure { get; set; }

    /// <summary>The certificate for https.</summary>
    [Parameter(HelpMessage = "The PEM file with the certificate of an https address; it may hold the chain and the key too.")]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <summary>The certificate's key.</summary>
    [Parameter(HelpMessage = "The PEM file with the certificate's key, if it is not in the certificate file.")]
    [ValidateNotNullOrEmpty]
    public string? CertificateKey { get; set; }

    /// <summary>Default memory limit of sessions, in bytes.</summary>
    [Parameter(HelpMessage = "Default memory limit of a session in bytes, such as 512MB. No limit unless given.")]
    public long? MemoryLimit { get; set; }

    /// <summary>Default process limit of sessions.</summary>
    [Parameter(HelpMessage = "Default limit of processes and threads in a session. No limit unless given.")]
    public int? ProcessLimit { get; set; }

    /// <summary>Default CPU limit of sessions, in CPUs.</summary>
    [Parameter(HelpMessage = "Default CPU limit of a session in CPUs, such as 0.5 or 2. No limit unless given.")]
    public double? CpuLimit { get; set; }

    /// <summary>Default disk limit of sessions, in bytes.</summary>
    [Parameter(HelpMessage = "Default disk limit of a session in bytes, such as 2GB: data written and not removed. No limit unless given.")]
    public long? DiskLimit { get; set; }

    /// <summary>Default limit of open files in each process of a session.</summary>
    [Parameter(HelpMessage = "Default limit of open files for each process in a session. No limit unless given.")]
    public int? OpenFileLimit { get; set; }

    /// <summary>Limit of sessions for all owners together.</summary>
    [Parameter(HelpMessage = "Limit of sessions for all owners together; 0 for no limit.")]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxSessions { get; set; }

    /// <summary>Limit of sessions for one owner.</summary>
    [Parameter(HelpMessage = "Limit of sessions for one owner; 0 for no limit.")]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxSessionsPerOwner { get; set; }

    /// <summary>Limit of concurrent calls.</summary>
    [Parameter(HelpMessage = "Limit of concurrent commands, transfers and other calls; 0 for no limit.")]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxCalls { get; set; }

    /// <summary>Limit of concurrent calls for one owner.</summary>
    [Parameter(HelpMessage = "Limit of concurrent calls for one owner; 0 for no limit.")]
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
                    AgbErrorIds.InvalidRequest, $"The address '{Url}' is not valid for a server; expected http://ADDRESS:PORT.",
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

    /// <summary>The options for addresses and TLS.</summary>
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

    /// <summary>The options for session and load limits. The program counts memory and disk in whole MiB.</summary>
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
