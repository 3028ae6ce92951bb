namespace Agb.Linux;

/// <summary>Gives new files and directories to the sessions' user on the host. An ordinary user's engine owns them already.</summary>
internal static class SessionOwner
{
    /// <summary>Permissions of the engine's directories for sessions: rwxr-xr-x.</summary>
    internal const uint DirectoryPermissions = 0x1ED;

    internal static void ChownToSession(Fd directory, string name)
    {
        if (SandboxIdentity.IsRoot)
        {
            directory.ChownAt(name, SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        }
    }

    internal static void ChownToSession(Fd file)
    {
        if (SandboxIdentity.IsRoot)
        {
            file.Chown(SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        }
    }
}
