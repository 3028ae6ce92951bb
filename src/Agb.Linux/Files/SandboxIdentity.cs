namespace Agb.Linux;

/// <summary>Who a session's processes are, inside and on the host.</summary>
internal static class SandboxIdentity
{
    /// <summary>The user and group id inside a sandbox. Never 0: an inner root could use what the kernel reserves to it.</summary>
    public const uint InnerUid = 1000;

    /// <summary>The user's name inside a sandbox.</summary>
    public const string InnerName = "agb";

    /// <summary>The host user of all sandboxes when the engine runs as root: an id of the range that systemd keeps for
    /// containers (1,879,048,191 is its end), which belongs to no user. Host uid 0 would own files under /proc/sys.</summary>
    internal const uint RootModeHostId = 1_878_900_000;

    private static readonly uint s_user = RootModeId(IdMap.Own("uid_map"));
    private static readonly uint s_group = RootModeId(IdMap.Own("gid_map"));

    /// <summary>Whether the engine runs as root that has an id to give to sessions. Root of a user namespace with a single id is an ordinary user
    /// of the host under another name, and goes that user's way.</summary>
    public static bool IsRoot { get; } = ProcessLibc.GetEffectiveUser() == 0 && s_user != 0 && s_group != 0;

    /// <summary>The host user that a session's processes are, and that its files belong to.</summary>
    public static uint HostUid { get; } = IsRoot ? s_user : ProcessLibc.GetEffectiveUser();

    /// <summary>Whose the pipes of a session's programs are: theirs, so that they can open them again by /dev/stdout; null where
    /// they are the engine's user already.</summary>
    public static (uint User, uint Group)? PipeOwner => IsRoot ? (HostUid, HostGid) : null;

    /// <summary>The host group.</summary>
    public static uint HostGid { get; } = IsRoot ? s_group : ProcessLibc.GetEffectiveGroup();

    /// <summary>The id of a map for sessions of root's engine: the fixed one, else the highest, as in a container that has 65,536 of them;
    /// 0 when there is none but root's.</summary>
    internal static uint RootModeId(IdMap map) => map.Has(RootModeHostId) ? RootModeHostId : map.Highest;
}
