namespace Agb.Sandbox;

/// <summary>The rows of the host check about limits of sessions, with their mechanisms.</summary>
internal static class LimitChecks
{
    private const string Remedy =
        "Run the engine as root, or delegate control groups to this user with systemd: "
        + "systemd-run --user --scope -p Delegate=yes pwsh.";

    /// <summary>Checks each limit in the way of a session.</summary>
    /// <param name="canTry">Whether the needed programs are installed.</param>
    public static IEnumerable<AgbHostCheck> Run(bool canTry)
    {
        yield return new AgbHostCheck { Name = "control groups", Status = AgbHostCheckStatus.Ok, Detail = Layout() };
        if (!canTry)
        {
            yield break;
        }
        ControlGroupBases.Get(fresh: true);
        var limits = new AgbSessionLimits { MemoryBytes = 1L << 30, Processes = 1000, Cpus = 1, DiskBytes = 1L << 30, OpenFiles = 1000 };
        foreach (var state in LimitPlan.For("check", limits).States)
        {
            // Degraded: the limit does not hold, or holds for each process only. Sessions run all the same.
            var full = state.Holds && !(state is { Limit: AgbLimitKind.Memory, Mechanism: AgbLimitMechanism.Rlimit });
            yield return new AgbHostCheck
            {
                Name = NameOf(state.Limit),
                Status = full ? AgbHostCheckStatus.Ok : AgbHostCheckStatus.Degraded,
                Detail = $"{Words(state.Mechanism)}: {state.Detail}",
                Remedy = full ? null : Remedy,
            };
        }
    }

    private static string Layout() =>
        string.Join("; ", ControlGroupBases.Controllers.Select(c =>
            ControlGroupLayout.Find(c) is { } place ? $"{c} in version {(place.IsV2 ? 2 : 1)} at '{place.OwnDirectory}'" : $"no {c}")) + ".";

    private static string NameOf(AgbLimitKind limit) => limit switch
    {
        AgbLimitKind.Memory => "memory limit",
        AgbLimitKind.Processes => "process limit",
        AgbLimitKind.Cpus => "CPU limit",
        AgbLimitKind.Disk => "disk limit",
        _ => "open file limit",
    };

    private static string Words(AgbLimitMechanism mechanism) => mechanism switch
    {
        AgbLimitMechanism.CgroupV1 => "By control groups of version 1",
        AgbLimitMechanism.CgroupV2 => "By control groups of version 2",
        AgbLimitMechanism.Rlimit => "By resource limits",
        AgbLimitMechanism.Quota => "By measuring",
        _ => "Does not hold",
    };
}
