namespace Agb.Sandbox;

/// <summary>Means to suspend the processes of a session; without any of them by signals.</summary>
[Flags]
internal enum Freezers
{
    /// <summary>Signals alone.</summary>
    None = 0,

    /// <summary>Control groups of version 2.</summary>
    Unified = 1,

    /// <summary>The freezer of version 1.</summary>
    Legacy = 2,

    /// <summary>All.</summary>
    All = Unified | Legacy,
}

/// <summary>Places for the group that freezes a session, in the order of preference: a process frozen by version 2 can be killed.</summary>
internal static class FreezerPlaces
{
    // Not a controller: every group of version 2 but the root can freeze.
    private const string Freeze = "cgroup.freeze";

    /// <summary>The places on this host for a session. Whether they can be used shows in the attempt.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="controls">The controls of its limits, or null.</param>
    /// <param name="allowed">The allowed means.</param>
    public static IEnumerable<FreezerGroup> For(string sessionId, SandboxControls? controls, Freezers allowed) => For(
        sessionId, controls?.Groups ?? [], allowed,
        isV2 => ControlGroupLayout.Find(
            isV2 ? Freeze : "freezer", File.ReadAllLines("/proc/self/mountinfo"), File.ReadAllLines("/proc/self/cgroup"), _ => isV2 ? [Freeze] : [], Directory.Exists));

    /// <summary>The places in given tables.</summary>
    internal static IEnumerable<FreezerGroup> For(string sessionId, IReadOnlyList<string> groups, Freezers allowed, Func<bool, ControllerPlace?> find)
    {
        if (allowed.HasFlag(Freezers.Unified))
        {
            // Below the group of the limits, because a process is in one group of version 2 for all its controllers.
            if (groups.FirstOrDefault(g => File.Exists($"{g}/cgroup.type")) is { } limited)
            {
                yield return new FreezerGroup($"{limited}/sleep", IsV2: true);
            }
            else if (find(true) is { } unified)
            {
                yield return new FreezerGroup(Name(unified, sessionId), IsV2: true);
            }
        }
        if (allowed.HasFlag(Freezers.Legacy) && find(false) is { } legacy)
        {
            yield return new FreezerGroup(Name(legacy, sessionId), IsV2: false);
        }
    }

    private static string Name(ControllerPlace place, string sessionId) => SessionControlGroups.PathIn(place.OwnDirectory, sessionId) + "-sleep";
}
