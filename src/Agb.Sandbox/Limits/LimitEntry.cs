using System.Globalization;

namespace Agb.Sandbox;

/// <summary>How programs come under the limits of a session. All of it happens on the host's side, before the session's
/// namespaces are entered, by programs of the host.</summary>
internal static unsafe class LimitEntry
{
    /// <summary>The part of a chain of programs that enters the control groups and sets the resource limits of a command.</summary>
    public static IReadOnlyList<string> Build(SandboxControls controls) =>
    [
        .. EnterGroups(controls),
        .. controls.Rlimits.Count == 0 ? Array.Empty<string>() : [HostTools.Require("prlimit"), .. controls.Rlimits.Select(l => Reachable(l).Argument)],
    ];

    /// <summary>The part of a chain of programs that enters the control groups.</summary>
    public static IReadOnlyList<string> EnterGroups(SandboxControls controls) => controls.Entrances.Count == 0
        ? []
        :
        [
            HostTools.Require("sh"), "-c", SessionControlGroups.EnterScript + "\nexec \"$@\"", "sh",
            controls.Entrances.Count.ToString(CultureInfo.InvariantCulture), .. controls.Entrances,
        ];

    /// <summary>Arguments of prlimit(1) for the programs that make a sandbox. Without the count of processes: in the user
    /// namespaces outside the session it would take in the user's others.</summary>
    public static IEnumerable<string> OfSandbox(SandboxControls controls) =>
        controls.Rlimits.Where(l => l.Resource != ProcessLibc.RLIMIT_NPROC).Select(l => Reachable(l).Argument);

    /// <summary>The process limit that a sandbox's first process sets itself, or empty.</summary>
    public static string ProcessesOf(SandboxControls controls) =>
        controls.Rlimits.FirstOrDefault(l => l.Resource == ProcessLibc.RLIMIT_NPROC) is { } limit
            ? Reachable(limit).Value.ToString(CultureInfo.InvariantCulture)
            : "";

    /// <summary>Throws when a command did not come into the session's control groups, and so was never begun.</summary>
    /// <exception cref="AgbException">SessionNotRunning, AccessDenied.</exception>
    public static void RequireGroups(SandboxHandle handle, ProcessRunResult result)
    {
        if (handle.Controls is { Entrances.Count: > 0 }
            && result.Stderr.Bytes.AsSpan().StartsWith(System.Text.Encoding.UTF8.GetBytes(SessionControlGroups.EntryFailed)))
        {
            CommandRunner.RequireAlive(handle);
            throw new AgbException(
                AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied,
                $"This process may not put a command under the limits of the session: {System.Text.Encoding.UTF8.GetString(result.Stderr.Bytes).Trim()}",
                "Use the session from where it was created: control groups can be entered only from within the same part of their tree.");
        }
    }

    /// <summary>Throws when a command could not be begun because the session, or the host, has no room for its processes.</summary>
    /// <exception cref="AgbException">SessionLimitReached, HostExhausted.</exception>
    public static void RequireRoom(SandboxHandle handle, AgbLimitKind? limit, ProcessRunResult result)
    {
        var said = System.Text.Encoding.UTF8.GetString(result.Stderr.Bytes).Trim();
        if (IsAtProcessLimit(handle.Controls, limit, said))
        {
            throw new AgbException(
                AgbErrorIds.SessionLimitReached, AgbErrorKind.ResourceExhausted,
                $"The command was not begun, because the session is at its process limit: {said}",
                "Wait until some of its processes have ended, or remove the session.");
        }
        if (Exhaustion.Find(said) is { } exhausted)
        {
            throw AgbErrors.HostExhausted("another command", exhausted);
        }
    }

    /// <summary>Whether a program could not be begun because of the session's process limit.</summary>
    /// <param name="controls">The session's limits, or null.</param>
    /// <param name="limit">The limit that was counted as reached meanwhile, or null.</param>
    /// <param name="said">What was printed.</param>
    public static bool IsAtProcessLimit(SandboxControls? controls, AgbLimitKind? limit, string said) =>
        // The words of programs for fork(2) and EAGAIN; resource limits have no counter that could tell.
        limit == AgbLimitKind.Processes
        || (controls?.States.Any(s => s is { Limit: AgbLimitKind.Processes, Holds: true }) == true && said.Contains("fork", StringComparison.Ordinal));

    /// <summary>How often a session has reached its process limit since its groups were made.</summary>
    public static long CountProcessLimit(SandboxControls? controls) => controls?.Counters
        .Where(c => c.Limit == AgbLimitKind.Processes).Sum(c => SessionControlGroups.ReadCounter(c.File, c.Key)) ?? 0;

    /// <summary>A limit that this process may set: only root may go above its own hard limit, and a lower one holds too.</summary>
    private static RlimitSetting Reachable(RlimitSetting limit)
    {
        ProcessLibc.ResourceLimit own;
        if (ProcessLibc.Limit(0, limit.Resource, null, &own) != 0)
        {
            throw ProcessLibc.Error($"prlimit({limit.Option})");
        }
        return limit with { Value = Math.Min(limit.Value, own.Hard) };
    }
}
