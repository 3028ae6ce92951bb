namespace Agb.Linux;

/// <summary>Gives new files and directories to the sessions' user on the host. An ordinary user's engine owns them already.</summary>
internal static class SessionOwner
{
    /// <summary>Makes a directory for sessions, readable by all.</summary>
    /// <returns>The open directory.</returns>
    internal static Fd MakeDirectory(Fd parent, string name)
    {
        parent.MkdirAt(name);
        var made = parent.OpenDirectoryAt(name);
        try
        {
            made.Chmod(FileModes.PublicDirectory);
            ChownToSession(made);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

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
