namespace Agb.Linux;

/// <summary>The user and group of a session's processes, inside and on the host.</summary>
internal static class SandboxIdentity
{
    /// <summary>The user and group id inside a sandbox. Never 0: an inner root could use kernel features reserved for root.</summary>
    public const uint InnerUid = 1000;

    /// <summary>The user's name inside a sandbox.</summary>
    public const string InnerName = "agb";

    /// <summary>The host user of all sandboxes if the engine runs as root: an id in systemd's range for containers
    /// (1,879,048,191 is its end), unused by any user. Host uid 0 would own files under /proc/sys.</summary>
    internal const uint RootModeHostId = 1_878_900_000;

    private static readonly uint s_user = RootModeId(IdMap.Own("uid_map"));
    private static readonly uint s_group = RootModeId(IdMap.Own("gid_map"));

    /// <summary>Whether the engine runs as root with an id for sessions. Root of a user namespace with a single id is an
    /// ordinary user of the host under another name, and is treated as one.</summary>
    public static bool IsRoot { get; } = Posix.Geteuid() == 0 && s_user != 0 && s_group != 0;

    /// <summary>The host user of a session's processes and files.</summary>
    public static uint HostUid { get; } = IsRoot ? s_user : Posix.Geteuid();

    /// <summary>The owner of the pipes of a session's programs, for reopening them by /dev/stdout; null if the engine's user is
    /// the same.</summary>
    public static (uint User, uint Group)? PipeOwner => IsRoot ? (HostUid, HostGid) : null;

    /// <summary>The host group of a session's processes and files.</summary>
    public static uint HostGid { get; } = IsRoot ? s_group : Posix.Getegid();

    /// <summary>The id in a map for sessions of root's engine: the fixed one, else the highest, as in a container with 65,536
    /// ids; 0 if root's is the only id.</summary>
    internal static uint RootModeId(IdMap map) => map.Has(RootModeHostId) ? RootModeHostId : map.Highest;
}
