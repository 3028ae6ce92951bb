namespace Agb;

/// <summary>A session's limits on host resources. Null is no limit.</summary>
/// <remarks>Mechanism and quality of the enforcement depend on the host: see <see cref="AgbSession.LimitStates"/>.</remarks>
public sealed record AgbSessionLimits
{
    /// <summary>No limits at all.</summary>
    public static readonly AgbSessionLimits None = new();

    /// <summary>Memory of all processes of the session together, in bytes, including file systems in memory. At least
    /// <see cref="LimitRules.LeastMemoryBytes"/>.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes and threads at a time. At least <see cref="LimitRules.LeastProcesses"/>: the session itself takes a
    /// few, and each running command one more than its own.</summary>
    public int? Processes { get; init; }

    /// <summary>CPU time per second, in CPUs: 0.5 is half of one.</summary>
    public double? Cpus { get; init; }

    /// <summary>Disk space of files written by the session, in bytes; removed files and uploads are not counted. At least
    /// <see cref="LimitRules.LeastDiskBytes"/>.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Open files of each process. At least <see cref="LimitRules.LeastOpenFiles"/>.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>The set limits as text, or the empty text.</summary>
    public override string ToString() => string.Join(
        "; ",
        new (string Name, object? Value)[]
        {
            (nameof(MemoryBytes), MemoryBytes), (nameof(Processes), Processes), (nameof(Cpus), Cpus), (nameof(DiskBytes), DiskBytes),
            (nameof(OpenFiles), OpenFiles),
        }.Where(l => l.Value is not null).Select(l => FormattableString.Invariant($"{l.Name}={l.Value}")));

    /// <summary>Returns these limits, with unset ones taken from others.</summary>
    public AgbSessionLimits Or(AgbSessionLimits others) => new()
    {
        MemoryBytes = MemoryBytes ?? others.MemoryBytes,
        Processes = Processes ?? others.Processes,
        Cpus = Cpus ?? others.Cpus,
        DiskBytes = DiskBytes ?? others.DiskBytes,
        OpenFiles = OpenFiles ?? others.OpenFiles,
    };
}

/// <summary>A limit of a session.</summary>
public enum AgbLimitKind
{
    /// <summary><see cref="AgbSessionLimits.MemoryBytes"/>.</summary>
    Memory,

    /// <summary><see cref="AgbSessionLimits.Processes"/>.</summary>
    Processes,

    /// <summary><see cref="AgbSessionLimits.Cpus"/>.</summary>
    Cpus,

    /// <summary><see cref="AgbSessionLimits.DiskBytes"/>.</summary>
    Disk,

    /// <summary><see cref="AgbSessionLimits.OpenFiles"/>.</summary>
    OpenFiles,
}

/// <summary>The mechanism of a limit.</summary>
public enum AgbLimitMechanism
{
    /// <summary>None: this host can't enforce the limit.</summary>
    None,

    /// <summary>A control group of version 1 (cgroups(7)): the kernel counts for the whole session.</summary>
    CgroupV1,

    /// <summary>A control group of version 2 (cgroups(7)): the kernel counts for the whole session.</summary>
    CgroupV2,

    /// <summary>Resource limits of the processes (getrlimit(2)).</summary>
    Rlimit,

    /// <summary>The service measures, and ends offending processes.</summary>
    Quota,
}

/// <summary>A requested limit and its enforcement.</summary>
public sealed record AgbLimitState
{
    /// <summary>The limit.</summary>
    public required AgbLimitKind Limit { get; init; }

    /// <summary>The requested value, in the unit of the limit.</summary>
    public required double Value { get; init; }

    /// <summary>The mechanism.</summary>
    public required AgbLimitMechanism Mechanism { get; init; }

    /// <summary>The quality of the enforcement, or the reason for its absence.</summary>
    public required string Detail { get; init; }

    /// <summary>Whether the limit is enforced.</summary>
    [JsonIgnore]
    public bool Holds => Mechanism != AgbLimitMechanism.None;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Limit} {Value:0.###} ({Mechanism})");
}
