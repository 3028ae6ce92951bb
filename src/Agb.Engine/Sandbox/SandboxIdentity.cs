using Agb.Engine.Native;

namespace Agb.Engine.Sandbox;

/// <summary>Who a session's processes are, inside and on the host.</summary>
internal static class SandboxIdentity
{
    /// <summary>The user and group id inside a session; never 0.</summary>
    internal const uint InnerId = 1000;

    /// <summary>The host's user and group id of all sessions when root runs the engine: one that no account has, from
    /// the range that systemd sets apart for containers.</summary>
    private const uint RootEngineHostId = 1_878_900_000;

    /// <summary>Whether root runs the engine.</summary>
    internal static bool EngineIsRoot { get; } = Posix.Geteuid() == 0;

    /// <summary>The user id of session processes and stored files on the host; never 0.</summary>
    internal static uint HostUid { get; } = EngineIsRoot ? RootEngineHostId : Posix.Geteuid();

    /// <summary>The group id of session processes and stored files on the host; never 0.</summary>
    internal static uint HostGid { get; } = EngineIsRoot ? RootEngineHostId : Posix.Getegid();

    /// <summary>Gives what the engine made to the sessions; an ordinary user's engine owns it already.</summary>
    internal static void Own(Fd directory, string name)
    {
        if (EngineIsRoot)
        {
            directory.ChownAt(name, HostUid, HostGid);
        }
    }

    /// <summary>Gives what the engine made to the sessions.</summary>
    internal static void Own(Fd file)
    {
        if (EngineIsRoot)
        {
            file.Chown(HostUid, HostGid);
        }
    }
}
