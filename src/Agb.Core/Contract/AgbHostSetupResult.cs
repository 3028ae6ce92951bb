namespace Agb;

/// <summary>What a setup of the host did.</summary>
public sealed record AgbHostSetupResult
{
    /// <summary>Whether every program that sessions need is there now.</summary>
    public required bool Ready { get; init; }

    /// <summary>The packages that were installed, or that must be.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>The line to run when this process may not or can't install them itself; null when nothing is left to do.</summary>
    public string? Command { get; init; }

    /// <summary>What was done, or why nothing was.</summary>
    public required string Message { get; init; }
}
