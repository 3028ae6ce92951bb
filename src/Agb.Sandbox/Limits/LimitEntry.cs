namespace Agb.Sandbox;

/// <summary>Places programs under the limits of a session. All of it happens on the host's side, by programs of the host,
/// before entry into the session's namespaces.</summary>
internal static unsafe class LimitEntry
{
    /// <summary>The part of a program chain for entering the control groups and setting the resource limits of a command.</summary>
    public static IReadOnlyList<string> Build(SandboxControls controls) =>
    [
        .. EnterGroups(controls),
        .. controls.Rlimits.Count == 0 ? Array.Empty<string>() : [HostTools.Require("prlimit"), .. controls.Rlimits.Select(l => Reachable(l).Argument)],
    ];

    /// <summary>The part of a program chain for entering the control groups.</summary>
    public static IReadOnlyList<string> EnterGroups(SandboxControls controls) => controls.Entrances.Count == 0
        ? []
        :
        [
            HostTools.Require("sh"), "-c", SessionControlGroups.EnterScript + "\nexec \"$@\"", "sh",
            controls.Entrances.Count.ToString(CultureInfo.InvariantCulture), .. controls.Entrances,
        ];

    /// <summary>Arguments of prlimit(1) for the programs making a sandbox. They omit the process count: in user namespaces
    /// outside the session, it would include other processes of the user.</summary>
    public static IEnumerable<string> OfSandbox(SandboxControls controls) =>
        controls.Rlimits.Where(l => l.Resource != ProcessLibc.RLIMIT_NPROC).Select(l => Reachable(l).Argument);

    /// <summary>The process limit for a sandbox's first process to set itself, or empty.</summary>
    public static string ProcessesOf(SandboxControls controls) =>
        controls.Rlimits.FirstOrDefault(l => l.Resource == ProcessLibc.RLIMIT_NPROC) is { } limit
            ? Reachable(limit).Value.ToString(CultureInfo.InvariantCulture)
            : "";

    /// <summary>Throws if a command could not enter the session's control groups, and so was never started.</summary>
    /// <exception cref="AgbException">SessionNotRunning, AccessDenied.</exception>
    public static void RequireGroups(SandboxHandle handle, ProcessRunResult result)
    {
        if (handle.Controls is { Entrances.Count: > 0 }
            && result.Stderr.Bytes.AsSpan().StartsWith(System.Text.Encoding.UTF8.GetBytes(SessionControlGroups.EntryFailed)))
        {
            handle.RequireAlive();
            throw new AgbException(
                AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied,
                $"This process can't start a command in the session's control groups: {System.Text.Encoding.UTF8.GetString(result.Stderr.Bytes).Trim()}",
                "Use the session from the same login or service as at its creation: control groups accept only processes from their part of the tree.");
        }
    }

    /// <summary>Throws if a command could not start for lack of room for its processes in the session or on the host.</summary>
    /// <exception cref="AgbException">SessionLimitReached, HostExhausted.</exception>
    /// <param name="handle">The sandbox.</param>
    /// <param name="limit">The limit counted as reached meanwhile, or null.</param>
    /// <param name="said">The printed text.</param>
    public static void RequireRoom(SandboxHandle handle, AgbLimitKind? limit, string said)
    {
        if (IsAtProcessLimit(handle.Controls, limit, said))
        {
            throw new AgbException(
                AgbErrorIds.SessionLimitReached, AgbErrorKind.ResourceExhausted,
                $"The command was not started: the session is at its process limit: {said}",
                "Wait for some of its processes to end, or remove the session.");
        }
        if (Exhaustion.Find(said) is { } exhausted)
        {
            throw AgbErrors.HostExhausted("another command", exhausted);
        }
    }

    /// <summary>Whether a program could not start because of the session's process limit.</summary>
    /// <param name="controls">The session's limits, or null.</param>
    /// <param name="limit">The limit counted as reached meanwhile, or null.</param>
    /// <param name="said">The printed text.</param>
    public static bool IsAtProcessLimit(SandboxControls? controls, AgbLimitKind? limit, string said) =>
        // The wording of programs for fork(2) and EAGAIN; resource limits have no counter.
        limit == AgbLimitKind.Processes
        || (controls?.States.Any(s => s is { Limit: AgbLimitKind.Processes, Holds: true }) == true && said.Contains("fork", StringComparison.Ordinal));

    /// <summary>The number of times a session reached its process limit since its groups were made.</summary>
    public static long CountProcessLimit(SandboxControls? controls) => controls?.Counters
        .Where(c => c.Limit == AgbLimitKind.Processes).Sum(c => SessionControlGroups.ReadCounter(c.File, c.Key)) ?? 0;

    /// <summary>The nearest limit settable by this process: only root may exceed its own hard limit, and a lower one holds too.</summary>
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
