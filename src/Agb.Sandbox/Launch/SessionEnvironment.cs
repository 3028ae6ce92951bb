namespace Agb.Sandbox;

/// <summary>The environment of a session's processes.</summary>
internal static class SessionEnvironment
{
    /// <summary>The directories of programs.</summary>
    public static readonly IReadOnlyList<string> SearchPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Builds the environment: variables of the session, then of the image, then of the command. Later ones win.</summary>
    public static IReadOnlyDictionary<string, string> Build(AgbImage image, IReadOnlyDictionary<string, string>? command)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = string.Join(':', SearchPath),
            ["HOME"] = image.HomeDirectory,
            ["USER"] = SandboxIdentity.InnerName,
            ["LOGNAME"] = SandboxIdentity.InnerName,
            ["LANG"] = "C.UTF-8",
            ["AGB_IMAGE_ID"] = image.ImageId,
        };
        foreach (var (name, value) in image.Environment)
        {
            variables[name] = value;
        }
        foreach (var (name, value) in command ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }
        return variables;
    }
}
