using System.Runtime.ExceptionServices;

namespace Agb.Linux;

/// <summary>Starts programs from a thread that does nothing else. What Linux keeps for each thread, such as its keyring, its
/// rights and its mount namespace, goes on to what the thread starts, and so can be prepared without a program. It goes on to threads
/// too, and some of it is kept for good: a thread that completed a task could make the thread pool grow by threads of its kind.</summary>
internal static class SpawnThread
{
    private const int StackBytes = 256 * 1024;

    /// <summary>Starts a program.</summary>
    /// <param name="prepare">Prepares the thread.</param>
    /// <param name="spawn">Starts the program, and gives its pid.</param>
    /// <returns>The pid.</returns>
    /// <remarks>Throws what either throws.</remarks>
    public static int Start(Action prepare, Func<int> spawn)
    {
        var pid = 0;
        ExceptionDispatchInfo? failure = null;
        var thread = New(() =>
        {
            try
            {
                prepare();
                pid = spawn();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return pid;
    }

    /// <summary>A thread for this, not begun yet.</summary>
    /// <param name="work">What it does.</param>
    public static Thread New(Action work) => new(() => work(), StackBytes) { IsBackground = true, Name = "agb-spawn" };
}
