namespace Agb;

/// <summary>The outcome of one check of the host.</summary>
public enum AgbHostCheckStatus
{
    /// <summary>Present on the host.</summary>
    Ok,

    /// <summary>Missing; a slower or simpler way is used.</summary>
    Degraded,

    /// <summary>Missing; sessions can't run.</summary>
    Missing,
}

/// <summary>The result for one requirement of sessions on this host.</summary>
public sealed record AgbHostCheck
{
    /// <summary>The requirement.</summary>
    public required string Name { get; init; }

    /// <summary>The outcome.</summary>
    public required AgbHostCheckStatus Status { get; init; }

    /// <summary>The finding.</summary>
    public required string Detail { get; init; }

    /// <summary>The exact command or change as a remedy, or null if all is well.</summary>
    public string? Remedy { get; init; }
}
