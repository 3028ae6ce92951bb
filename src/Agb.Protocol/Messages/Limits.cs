namespace Agb.Protocol;

/// <summary>A session's limits on host resources. A missing member is no limit.</summary>
public sealed record SessionLimitsDetail
{
    /// <summary>Bytes of memory.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes and threads at a time.</summary>
    public int? Processes { get; init; }

    /// <summary>CPU time per second, in CPUs.</summary>
    public double? Cpus { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Open files of each process.</summary>
    public int? OpenFiles { get; init; }

    /// <summary>The message for limits.</summary>
    public static SessionLimitsDetail From(AgbSessionLimits limits) => new()
    {
        MemoryBytes = limits.MemoryBytes,
        Processes = limits.Processes,
        Cpus = limits.Cpus,
        DiskBytes = limits.DiskBytes,
        OpenFiles = limits.OpenFiles,
    };

    /// <summary>The limits of a message. The service checks their range.</summary>
    public AgbSessionLimits ToLimits() => new()
    {
        MemoryBytes = MemoryBytes,
        Processes = Processes,
        Cpus = Cpus,
        DiskBytes = DiskBytes,
        OpenFiles = OpenFiles,
    };
}

/// <summary>A limit of a session and its enforcement.</summary>
public sealed record LimitStateDetail
{
    /// <summary>The limit.</summary>
    public AgbLimitKind Limit { get; init; }

    /// <summary>The requested value.</summary>
    public double Value { get; init; }

    /// <summary>The mechanism.</summary>
    public AgbLimitMechanism Mechanism { get; init; }

    /// <summary>The quality of the enforcement, or the reason for its absence.</summary>
    public string? Detail { get; init; }

    /// <summary>The message for a state.</summary>
    public static LimitStateDetail From(AgbLimitState state) =>
        new() { Limit = state.Limit, Value = state.Value, Mechanism = state.Mechanism, Detail = state.Detail };

    /// <summary>The state of a message.</summary>
    public AgbLimitState ToState() => new() { Limit = Limit, Value = Value, Mechanism = Mechanism, Detail = Detail ?? "" };
}
