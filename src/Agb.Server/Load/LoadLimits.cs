namespace Agb.Server.Load;

/// <summary>How many sessions and running calls a server takes on. 0 is no limit.</summary>
internal sealed record LoadLimits
{
    /// <summary>The most sessions of all owners together.</summary>
    public int MaxSessions { get; init; } = 1000;

    /// <summary>The most sessions of one owner.</summary>
    public int MaxSessionsPerOwner { get; init; } = 500;

    /// <summary>The most calls that run at a time, of all owners together. As many more may wait.</summary>
    public int MaxCalls { get; init; } = 512;

    /// <summary>The most calls of one owner that run at a time. As many more may wait.</summary>
    public int MaxCallsPerOwner { get; init; } = 256;

    /// <summary>How long a call waits for its turn before it is refused.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(5);
}
