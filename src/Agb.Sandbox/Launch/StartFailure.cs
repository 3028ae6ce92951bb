namespace Agb.Sandbox;

/// <summary>Makes typed errors of the messages of the launch chain.</summary>
internal static class StartFailure
{
    private static readonly string[] s_namespaceSigns =
    [
        "unshare failed", "cannot change root", "write failed /proc/self/", "setting up uid map", "setting up gid map",
        "No permissions to create new namespace", "No permissions to creating new namespace", "Creating new namespace failed",
        "Failed RTM_NEWADDR", "max_user_namespaces", "capset failed", "Unexpected capabilities",
    ];

    // Here ENOSPC is a limit of the kernel, not a full device (unshare(2)).
    private static readonly string[] s_namespaceMakers = ["unshare failed", "Creating new namespace failed"];

    /// <summary>Makes the error.</summary>
    /// <param name="sessionDirectory">The directory of the session.</param>
    /// <param name="log">The messages.</param>
    /// <param name="controls">The controls of the session's limits, effective for the launch chain too; null for none.</param>
    public static AgbException From(string sessionDirectory, string log, SandboxControls? controls = null)
    {
        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = lines.FirstOrDefault(l => l.Contains(": ", StringComparison.Ordinal)) ?? lines.FirstOrDefault();
        if (line is null)
        {
            return New("The session's sandbox ended before it was ready, without a message.", sessionDirectory);
        }
        if (Exhaustion.Find(log) is { } exhausted)
        {
            if (LimitEntry.IsAtProcessLimit(controls, LimitEntry.CountProcessLimit(controls) > 0 ? AgbLimitKind.Processes : null, exhausted))
            {
                return new AgbException(
                    AgbErrorIds.SessionLimitReached, AgbErrorKind.ResourceExhausted,
                    $"The session did not start, because its process limit is too low: {exhausted}",
                    "Create it with a higher process limit.", sessionDirectory);
            }
            return AgbErrors.HostExhausted("another session", exhausted);
        }
        if (lines.FirstOrDefault(l => s_namespaceMakers.Any(m => l.Contains(m, StringComparison.Ordinal)) && l.Contains("No space left", StringComparison.Ordinal)) is { } noNamespace)
        {
            return AgbErrors.HostExhausted("another session's namespaces (user_namespaces(7))", noNamespace);
        }
        if (lines.FirstOrDefault(l => l.Contains("No space left on device", StringComparison.Ordinal)
            || l.Contains("Disk quota exceeded", StringComparison.Ordinal)) is { } noSpace)
        {
            return HostErrors.NoSpace(sessionDirectory, noSpace);
        }
        if (lines.FirstOrDefault(l => s_namespaceSigns.Any(s => l.Contains(s, StringComparison.Ordinal))) is { } refused)
        {
            return HostErrors.UserNamespaces(refused);
        }
        return New($"The session's sandbox did not start: {line}", sessionDirectory);
    }

    /// <summary>Makes an error of a refused mount namespace (unshare(2)).</summary>
    public static AgbException OfNamespace(string sessionDirectory, IOException error) => error.HResult switch
    {
        ProcessLibc.ENOSPC => AgbErrors.HostExhausted("another session's namespaces (user_namespaces(7))", error.Message, error),
        ProcessLibc.EPERM => HostErrors.UserNamespaces(error.Message),
        _ => From(sessionDirectory, error),
    };

    /// <summary>Makes an error of a failed file operation.</summary>
    public static AgbException From(string sessionDirectory, IOException error) =>
        error.HResult is ProcessLibc.ENOSPC or ProcessLibc.EDQUOT
            ? HostErrors.NoSpace(sessionDirectory, error.Message, error)
            : Exhaustion.Is(error) ? AgbErrors.HostExhausted("another session", error.Message, error)
            : new AgbException(
                AgbErrorIds.SessionStartFailed, AgbErrorKind.Failed,
                $"The session's sandbox did not start: {error.Message}", target: sessionDirectory, inner: error);

    /// <summary>An error without a known cause.</summary>
    public static AgbException New(string message, string sessionDirectory) => new(
        AgbErrorIds.SessionStartFailed, AgbErrorKind.Failed, message, target: sessionDirectory)
    {
        Advice = AgbAdvice.CheckHost,
    };
}
