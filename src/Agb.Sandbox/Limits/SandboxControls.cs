using System.Globalization;

namespace Agb.Sandbox;

/// <summary>How the limits of a sandbox are held: what every program that enters it has to do, and what is counted.</summary>
/// <param name="Groups">The control groups to remove with the session.</param>
/// <param name="Entrances">The control groups that every program of the session enters first.</param>
/// <param name="Rlimits">The resource limits of every program of the session.</param>
/// <param name="Counters">What counts how often a limit was reached.</param>
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

    // Kept as JSON with the session, where a list that is not named reads as null.

    /// <summary>The control groups to remove with the session.</summary>
    public IReadOnlyList<string> Groups { get; init; } = Groups ?? [];

    /// <summary>The control groups that every program of the session enters first.</summary>
    public IReadOnlyList<string> Entrances { get; init; } = Entrances ?? [];

    /// <summary>The resource limits of every program of the session.</summary>
    public IReadOnlyList<RlimitSetting> Rlimits { get; init; } = Rlimits ?? [];

    /// <summary>What counts how often a limit was reached.</summary>
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

/// <summary>A file in which the kernel counts how often a limit was reached.</summary>
internal sealed record LimitCounter(AgbLimitKind Limit, string File, string Key);

/// <summary>A limit of what a session has on disk.</summary>
/// <param name="SessionDirectory">The session's directory on the host.</param>
/// <param name="Bytes">The limit.</param>
/// <param name="Before">What was there before the session wrote anything.</param>
internal sealed record DiskQuota(string SessionDirectory, long Bytes, long Before);
