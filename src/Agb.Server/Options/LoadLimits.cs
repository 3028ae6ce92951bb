namespace Agb.Server;

/// <summary>The limits of sessions and running calls. 0 is no limit.</summary>
internal sealed record LoadLimits
{
    /// <summary>The most sessions of all owners together.</summary>
    public int MaxSessions { get; init; } = 1000;

    /// <summary>The most sessions of one owner.</summary>
    public int MaxSessionsPerOwner { get; init; } = 500;

    /// <summary>The most concurrent calls of all owners together. As many more may wait.</summary>
    public int MaxCalls { get; init; } = 512;

    /// <summary>The most concurrent calls of one owner. As many more may wait.</summary>
    public int MaxCallsPerOwner { get; init; } = 256;

    /// <summary>The sandboxes that stand ready for each kind of session of an owner. They count as sessions.</summary>
    public int Prepared { get; init; } = 2;

    /// <summary>Whether the limits have room for one more sandbox that stands ready.</summary>
    /// <param name="own">The sessions and such sandboxes of the owner.</param>
    /// <param name="all">Those of all owners.</param>
    internal bool HasRoomFor(int own, int all) =>
        (MaxSessionsPerOwner <= 0 || own < MaxSessionsPerOwner) && (MaxSessions <= 0 || all < MaxSessions);

    /// <summary>The limits from the process's limit of open files.</summary>
    public HandleBudget Handles { get; init; } = HandleBudget.Own;

    /// <summary>The most concurrent calls of all owners together, also bounded by the limit of open files.</summary>
    internal int PossibleCalls => MaxCalls > 0 ? Math.Min(MaxCalls, Handles.Calls) : Handles.Calls;

    /// <summary>The longest wait of a call for its turn.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(5);
}
