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

    /// <summary>What the files that the process may have open allow.</summary>
    public HandleBudget Handles { get; init; } = HandleBudget.Own;

    /// <summary>The most calls that run at a time, of all owners together, with the files that the process may have open.</summary>
    internal int PossibleCalls => MaxCalls > 0 ? Math.Min(MaxCalls, Handles.Calls) : Handles.Calls;

    /// <summary>How long a call waits for its turn before it is refused.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(5);
}
