using Agb.Engine.Native;

namespace Agb.Engine.Sandbox;

/// <summary>Who a session's processes are, inside and on the host.</summary>
internal static class SandboxIdentity
{
    /// <summary>The user and group id inside a sandbox. Never 0: an inner root could use what the kernel reserves to it.</summary>
    public const uint InnerUid = 1000;

    /// <summary>The user's name inside a sandbox.</summary>
    public const string InnerName = "agb";

    /// <summary>The host user of all sandboxes when the engine runs as root: an id of the range that systemd keeps for
    /// containers (1,879,048,191 is its end), which belongs to no user. Host uid 0 would own files under /proc/sys.</summary>
    private const uint RootModeHostUid = 1_878_900_000;

    /// <summary>Whether the engine runs as root.</summary>
    public static bool IsRoot { get; } = ProcessLibc.GetEffectiveUser() == 0;

    /// <summary>The host user that a session's processes are, and that its files belong to.</summary>
    public static uint HostUid { get; } = IsRoot ? RootModeHostUid : ProcessLibc.GetEffectiveUser();

    /// <summary>Whose the pipes of a session's programs are: theirs, so that they can open them again by /dev/stdout; null where
    /// they are the engine's user already.</summary>
    public static (uint User, uint Group)? PipeOwner => IsRoot ? (HostUid, HostGid) : null;

    /// <summary>The host group.</summary>
    public static uint HostGid { get; } = IsRoot ? RootModeHostUid : ProcessLibc.GetEffectiveGroup();
}
