using System.Runtime.ExceptionServices;

namespace Agb.Store;

/// <summary>Runs work on several threads. The calling thread is one of them, and does everything if no other is free.</summary>
internal static class SharedWork
{
    /// <summary>Most threads: beyond that, the file system's own locks prevent any gain.</summary>
    internal const int MostThreads = 4;

    // Number of names above which one more thread pays off.
    private const int ManyNames = 64;

    private const int PartsForEach = 8;

    private static int Threads => Math.Min(MostThreads, Environment.ProcessorCount);

    /// <summary>Runs work for each number below a count.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="work">Runs one piece. The first error stops other threads before their next piece, or earlier on request,
    /// and is thrown to the caller.</param>
    internal static void Run(int count, Action<int, Func<bool>> work)
    {
        var next = -1;
        ExceptionDispatchInfo? failure = null;
        var threads = Math.Min(Threads, count);
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) }, _ =>
        {
            try
            {
                while (!HasFailed() && Interlocked.Increment(ref next) is var piece && piece < count)
                {
                    work(piece, HasFailed);
                }
            }
            catch (Exception e)
            {
                // Thrown again after the end of all threads; further errors add nothing.
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            }
        });
        failure?.Throw();

        bool HasFailed() => Volatile.Read(ref failure) is not null;
    }

    /// <summary>Lists the results of a directory's names, in order; many names in several threads.</summary>
    /// <param name="names">The names.</param>
    /// <param name="found">The result.</param>
    /// <param name="mayShare">Whether no level above runs in several threads.</param>
    /// <param name="list">Adds the results of one name; its last argument says whether a level
    /// below may use several threads.</param>
    internal static void List<T>(List<string> names, List<T> found, bool mayShare, Action<string, List<T>, bool> list)
    {
        if (!mayShare || names.Count < ManyNames || Threads == 1)
        {
            foreach (var name in names)
            {
                list(name, found, mayShare);
            }
            return;
        }
        var parts = new List<T>[Threads * PartsForEach];
        Run(parts.Length, (part, _) =>
        {
            var mine = new List<T>();
            for (var i = (int)((long)names.Count * part / parts.Length); i < (long)names.Count * (part + 1) / parts.Length; i++)
            {
                list(names[i], mine, false);
            }
            parts[part] = mine;
        });
        found.EnsureCapacity(found.Count + parts.Sum(p => p.Count));
        foreach (var part in parts)
        {
            found.AddRange(part);
        }
    }
}
