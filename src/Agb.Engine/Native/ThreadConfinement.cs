using System.Runtime.InteropServices;

namespace Agb.Engine.Native;

/// <summary>Confines the programs that a thread starts, before their first instruction: with an empty session keyring and no_new_privs.</summary>
internal static partial class ThreadConfinement
{
    // prctl(2): no program that is started from here on gains rights by its file.
    private const int NoNewPrivileges = 38;

    /// <summary>Confines this thread, which must be one of <see cref="SpawnThread"/>.</summary>
    /// <exception cref="AgbException">HostExhausted when the user may have no more keys.</exception>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public static void Begin()
    {
        ProcessKeyring.Leave();
        if (Control(NoNewPrivileges, 1, 0, 0, 0) != 0)
        {
            throw ProcessLibc.Error("prctl(PR_SET_NO_NEW_PRIVS)");
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int operation, nuint second, nuint third, nuint fourth, nuint fifth);
}
