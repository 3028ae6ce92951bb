namespace Agb;

/// <summary>The outcome of one check of the host.</summary>
public enum AgbHostCheckStatus
{
    /// <summary>The host has it.</summary>
    Ok,

    /// <summary>The host lacks it and a slower or simpler way is taken.</summary>
    Degraded,

    /// <summary>The host lacks it and sessions can't run.</summary>
    Missing,
}

/// <summary>One thing that sessions need of this host.</summary>
public sealed record AgbHostCheck
{
    /// <summary>What was checked.</summary>
    public required string Name { get; init; }

    /// <summary>The outcome.</summary>
    public required AgbHostCheckStatus Status { get; init; }

    /// <summary>What was found.</summary>
    public required string Detail { get; init; }

    /// <summary>The exact command or change that mends it, or null when nothing is wrong.</summary>
    public string? Remedy { get; init; }
}
