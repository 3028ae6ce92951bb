using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Agb.Engine.Native;

/// <summary>Starts programs that are confined before their first instruction: with an empty session keyring and no_new_privs. Both are a
/// thread's own in Linux, are kept for good, and go on to what it starts, threads too. So the start has a thread for itself that
/// does nothing else: one that completed a task could make the thread pool grow by threads of its kind.</summary>
internal static partial class ThreadConfinement
{
    // prctl(2): no program that is started from here on gains rights by its file.
    private const int NoNewPrivileges = 38;

    private const int StackBytes = 256 * 1024;

    /// <summary>Starts a program.</summary>
    /// <param name="spawn">Starts it, and gives its pid.</param>
    /// <exception cref="AgbException">HostExhausted when the user may have no more keys.</exception>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public static int Start(Func<int> spawn)
    {
        var pid = 0;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    Begin();
                    pid = spawn();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            StackBytes)
        {
            IsBackground = true,
            Name = "agb-spawn",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return pid;
    }

    private static void Begin()
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
