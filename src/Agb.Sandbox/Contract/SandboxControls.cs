namespace Agb.Sandbox;

/// <summary>The enforcement of a sandbox's limits: steps for every program entering it, and counters.</summary>
/// <param name="Groups">The control groups to remove with the session.</param>
/// <param name="Entrances">The control groups entered first by every program of the session.</param>
/// <param name="Rlimits">The resource limits of every program of the session.</param>
/// <param name="Counters">The counters of reached limits.</param>
/// <param name="Disk">The disk limit, or null.</param>
/// <param name="States">How each limit holds.</param>
internal sealed record SandboxControls(
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Entrances,
    IReadOnlyList<RlimitSetting> Rlimits,
    IReadOnlyList<LimitCounter> Counters,
    DiskQuota? Disk,
    IReadOnlyList<AgbLimitState> States)
{
    /// <summary>No limits.</summary>
    public static readonly SandboxControls None = new([], [], [], [], null, []);

    // Kept as JSON with the session: a missing list reads as null.

    /// <summary>The control groups to remove with the session.</summary>
    public IReadOnlyList<string> Groups { get; init; } = Groups ?? [];

    /// <summary>The control groups entered first by every program of the session.</summary>
    public IReadOnlyList<string> Entrances { get; init; } = Entrances ?? [];

    /// <summary>The resource limits of every program of the session.</summary>
    public IReadOnlyList<RlimitSetting> Rlimits { get; init; } = Rlimits ?? [];

    /// <summary>The counters of reached limits.</summary>
    public IReadOnlyList<LimitCounter> Counters { get; init; } = Counters ?? [];

    /// <summary>How each limit holds.</summary>
    public IReadOnlyList<AgbLimitState> States { get; init; } = States ?? [];
}

/// <summary>A resource limit (getrlimit(2)), soft and hard.</summary>
/// <param name="Option">The name of prlimit(1)'s option.</param>
/// <param name="Resource">The number.</param>
/// <param name="Value">The value.</param>
internal sealed record RlimitSetting(string Option, int Resource, ulong Value)
{
    /// <summary>The option for prlimit(1).</summary>
    public string Argument => string.Create(CultureInfo.InvariantCulture, $"--{Option}={Value}:{Value}");
}

/// <summary>A kernel counter of how often a limit was reached: its file, and its key there.</summary>
internal sealed record LimitCounter(AgbLimitKind Limit, string File, string Key);

/// <summary>The disk limit of a session.</summary>
/// <param name="SessionDirectory">The session's directory on the host.</param>
/// <param name="Bytes">The limit.</param>
/// <param name="Before">The bytes on disk before the session's first write.</param>
internal sealed record DiskQuota(string SessionDirectory, long Bytes, long Before);
