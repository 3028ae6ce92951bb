namespace Agb.Sandbox;

/// <summary>How contexts are mounted where no option says it: by the environment's <c>AGB_MOUNT</c>.</summary>
internal static class MountSetting
{
    private const string Variable = "AGB_MOUNT";

    /// <summary>The kind that counts.</summary>
    /// <exception cref="AgbException">InvalidSetting.</exception>
    internal static MountKind Resolve(MountKind asked) => asked != MountKind.Auto ? asked : Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The kind that the variable's text means.</summary>
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
