namespace Agb.Sandbox;

/// <summary>Errors that are the host's, with their remedies.</summary>
internal static class HostErrors
{
    /// <summary>Programs are missing.</summary>
    public static AgbException Missing(IReadOnlyList<string> programs) => new(
        AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
        $"This host lacks programs that sessions need: {string.Join(", ", programs)}.",
        HostPackages.Remedy(programs), programs);

    /// <summary>User namespaces can't be made.</summary>
    /// <param name="detail">What the kernel or a program said.</param>
    public static AgbException UserNamespaces(string detail) => new(
        AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady,
        $"This host does not let sessions have user namespaces: {detail}",
        UserNamespaceRules.Remedy());

    /// <summary>The user may have no more keys, of which each session and each running command needs one.</summary>
    public static AgbException TooManyKeys(KeyLimitException error) => AgbErrors.HostExhausted(
        "another session or command", error.Message, error,
        "Each session and each running command has one. Raise the number that a user may have: sudo sysctl -w kernel.keys.maxkeys=2000.");

    /// <summary>No space.</summary>
    public static AgbException NoSpace(string path, string detail, Exception? inner = null) => new(
        AgbErrorIds.NoSpace, AgbErrorKind.ResourceExhausted,
        $"No space or no inodes are left on the device of '{path}': {detail}",
        "Free some space there, or set AGB_HOME to a directory on a larger device.", path, inner);
}
