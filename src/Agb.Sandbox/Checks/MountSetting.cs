namespace Agb.Sandbox;

/// <summary>The environment variable <c>AGB_MOUNT</c>: the kind of mounts when no option sets it.</summary>
internal static class MountSetting
{
    private const string Variable = "AGB_MOUNT";

    /// <summary>The effective kind.</summary>
    /// <exception cref="AgbException">InvalidSetting.</exception>
    internal static MountKind Resolve(MountKind asked) => asked != MountKind.Auto ? asked : Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Parses the variable's text.</summary>
    /// <exception cref="AgbException">InvalidSetting.</exception>
    internal static MountKind Parse(string? text) => text switch
    {
        null or "" or "auto" => MountKind.Auto,
        "overlay" => MountKind.Overlay,
        "copy" => MountKind.Copy,
        var other => throw new AgbException(
            AgbErrorIds.InvalidSetting, AgbErrorKind.InvalidInput, $"{Variable} is '{other}'; expected auto, overlay or copy.",
            $"Set {Variable} to one of these, or remove it.", Variable),
    };
}
