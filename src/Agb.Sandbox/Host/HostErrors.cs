namespace Agb.Sandbox;

/// <summary>Errors of the host, with their remedies.</summary>
internal static class HostErrors
{
    /// <summary>Programs are missing.</summary>
    public static AgbException Missing(IReadOnlyList<string> programs) => new(
        AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
        $"This host lacks programs needed by sessions: {string.Join(", ", programs)}.",
        HostPackages.Remedy(programs), programs);

    /// <summary>User namespaces can't be made.</summary>
    /// <param name="detail">The message of the kernel or of a program.</param>
    public static AgbException UserNamespaces(string detail) => new(
        AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
        $"This host does not allow user namespaces for sessions: {detail}",
        UserNamespaceRules.Remedy());

    /// <summary>The user's kernel keys are used up; each session and each running command needs one.</summary>
    public static AgbException TooManyKeys(KeyLimitException error) => AgbErrors.HostExhausted(
        "another session or command", error.Message, error,
        "Each session and each running command needs one key. Raise the maximum per user: sudo sysctl -w kernel.keys.maxkeys=2000.");

    /// <summary>The device has no space or no inodes left.</summary>
    public static AgbException NoSpace(string path, string detail, Exception? inner = null) => new(
        AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted,
        $"No space or no inodes are left on the device of '{path}': {detail}",
        "Free some space there, or set AGB_HOME to a directory on a larger device.", path, inner);
}
