using System.Runtime.InteropServices;

namespace Agb.Engine.Native;

/// <summary>Confines a thread for good, so that all it starts is confined before its first instruction. Both are a thread's own in Linux, so the
/// rest of this process is not concerned; the thread must be one that ends soon.</summary>
internal static partial class ThreadConfinement
{
    // prctl(2): no program that is started from here on gains rights by its file.
    private const int NoNewPrivileges = 38;

    /// <summary>Gives this thread an empty session keyring, and sets no_new_privs.</summary>
    /// <exception cref="AgbException">HostNotReady when the user may have no more keys.</exception>
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
