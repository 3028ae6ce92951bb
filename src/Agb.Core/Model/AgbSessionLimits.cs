namespace Agb;

/// <summary>What of a host a session may use. Null is no limit.</summary>
/// <remarks>What a limit holds by, and how well, is the host's matter: see <see cref="AgbSession.LimitStates"/>.</remarks>
public sealed record AgbSessionLimits
{
    /// <summary>No limits at all.</summary>
    public static readonly AgbSessionLimits None = new();

    /// <summary>The most bytes of memory that all processes of the session have together, with what they keep in file systems
    /// in memory. At least <see cref="LimitRules.LeastMemoryBytes"/>.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The most processes and threads at a time. At least <see cref="LimitRules.LeastProcesses"/>: what keeps the
    /// session takes a few, and each running command one more than its own.</summary>
    public int? Processes { get; init; }

    /// <summary>The most CPU time a second, in CPUs: 0.5 is half of one.</summary>
    public double? Cpus { get; init; }

    /// <summary>The most bytes on disk of all that the session has written and not removed, uploads not counted. At least
    /// <see cref="LimitRules.LeastDiskBytes"/>.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>The most files that each process may have open. At least <see cref="LimitRules.LeastOpenFiles"/>.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>The limits that are set, or nothing.</summary>
    public override string ToString() => string.Join(
        "; ",
        new (string Name, object? Value)[]
        {
            (nameof(MemoryBytes), MemoryBytes), (nameof(Processes), Processes), (nameof(Cpus), Cpus), (nameof(DiskBytes), DiskBytes),
            (nameof(OpenFiles), OpenFiles),
        }.Where(l => l.Value is not null).Select(l => FormattableString.Invariant($"{l.Name}={l.Value}")));

    /// <summary>These limits, and those of others where these say nothing.</summary>
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

/// <summary>What makes a limit hold.</summary>
public enum AgbLimitMechanism
{
    /// <summary>Nothing: this host can't hold it.</summary>
    None,

    /// <summary>A control group of version 1 (cgroups(7)): the kernel counts for the whole session.</summary>
    CgroupV1,

    /// <summary>A control group of version 2 (cgroups(7)): the kernel counts for the whole session.</summary>
    CgroupV2,

    /// <summary>Resource limits of the processes (getrlimit(2)).</summary>
    Rlimit,

    /// <summary>The service measures, and ends who uses too much.</summary>
    Quota,
}

/// <summary>A limit that was asked for, and how it holds.</summary>
public sealed record AgbLimitState
{
    /// <summary>The limit.</summary>
    public required AgbLimitKind Limit { get; init; }

    /// <summary>What was asked for, in the unit of the limit.</summary>
    public required double Value { get; init; }

    /// <summary>What makes it hold.</summary>
    public required AgbLimitMechanism Mechanism { get; init; }

    /// <summary>How well it holds, or why it does not.</summary>
    public required string Detail { get; init; }

    /// <summary>Whether it holds.</summary>
    public bool Holds => Mechanism != AgbLimitMechanism.None;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Limit} {Value:0.###} ({Mechanism})");
}
