using System.Runtime.ExceptionServices;

namespace Agb.Linux;

/// <summary>Starts programs confined before their first instruction: each with an empty session keyring, and no_new_privs. Both
/// belong to a thread (see <see cref="SpawnThread"/>). One thread serves all starts, for good: making a thread takes longer
/// than waking it, and a process starts programs one at a time anyway (<see cref="ProcessTag"/>).</summary>
internal static class ThreadConfinement
{
    // prctl(2): no program started from here on gains rights by its file.
    private const int NoNewPrivileges = 38;

    private static readonly Lock s_turn = new();
    private static readonly SemaphoreSlim s_wanted = new(0), s_done = new(0);
    private static bool s_hasThread;
    private static Func<int>? s_spawn;
    private static int s_pid;
    private static ExceptionDispatchInfo? s_failure;

    /// <summary>Starts a program.</summary>
    /// <param name="spawn">Starts the program and returns its pid.</param>
    /// <returns>The pid.</returns>
    /// <exception cref="KeyLimitException">The user's key limit is reached.</exception>
    /// <exception cref="IOException">The kernel refuses; HResult is the errno.</exception>
    public static int Start(Func<int> spawn)
    {
        lock (s_turn)
        {
            if (!s_hasThread)
            {
                SpawnThread.New(Serve).Start();
                s_hasThread = true;
            }
            (s_spawn, s_failure) = (spawn, null);
            s_wanted.Release();
            s_done.Wait();
            s_spawn = null;
            s_failure?.Throw();
            return s_pid;
        }
    }

    private static void Serve()
    {
        while (true)
        {
            s_wanted.Wait();
            try
            {
                Begin();
                s_pid = s_spawn!();
            }
            catch (Exception e)
            {
                s_failure = ExceptionDispatchInfo.Capture(e);
            }
            s_done.Release();
        }
    }

    private static void Begin()
    {
        ProcessKeyring.Leave();
        if (ProcessLibc.ControlProcess(NoNewPrivileges, 1, 0, 0, 0) != 0)
        {
            throw ProcessLibc.Error("prctl(PR_SET_NO_NEW_PRIVS)");
        }
    }
}
