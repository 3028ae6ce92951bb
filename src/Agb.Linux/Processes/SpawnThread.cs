using System.Runtime.ExceptionServices;

namespace Agb.Linux;

/// <summary>Starts programs from a dedicated thread. Linux keeps a keyring, rights and a mount namespace for each thread, and
/// its child processes inherit them: they can be prepared without a helper program. New threads inherit them too, some for good:
/// the completion of a task on this thread could make the thread pool grow by such threads.</summary>
internal static class SpawnThread
{
    private const int StackBytes = 256 * 1024;

    /// <summary>Starts a program.</summary>
    /// <param name="prepare">Prepares the thread.</param>
    /// <param name="spawn">Starts the program and returns its pid.</param>
    /// <returns>The pid.</returns>
    /// <remarks>Exceptions of both delegates pass through.</remarks>
    public static int Start(Action prepare, Func<int> spawn)
    {
        var pid = 0;
        Run(() =>
        {
            prepare();
            pid = spawn();
        });
        return pid;
    }

    /// <summary>Does work on a thread of this kind, and waits for it.</summary>
    /// <remarks>Exceptions pass through.</remarks>
    public static void Run(Action work)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = New(() =>
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>A new thread of this kind, not started yet.</summary>
    /// <param name="work">The work of the thread.</param>
    public static Thread New(Action work) => new(() => work(), StackBytes) { IsBackground = true, Name = "agb-spawn" };
}
