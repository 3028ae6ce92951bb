using System.Runtime.ExceptionServices;

namespace Agb.Store;

/// <summary>Divides work among threads. The calling thread is one of them, and does all where no other is free.</summary>
internal static class SharedWork
{
    /// <summary>How many threads at most: the file system's own locks let no more pay.</summary>
    internal const int MostThreads = 4;

    // From so many names on, listing what they are costs more than another thread.
    private const int ManyNames = 64;

    private const int PartsForEach = 8;

    private static int Threads => Math.Min(MostThreads, Environment.ProcessorCount);

    /// <summary>Does a piece of work for each number below a count.</summary>
    /// <param name="count">How many pieces.</param>
    /// <param name="work">Does one. The first error ends the others before their next piece, or within one that asks for it, and is
    /// the caller's.</param>
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
                // Thrown again where all threads have come to an end; what a second one says of it is no news.
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            }
        });
        failure?.Throw();

        bool HasFailed() => Volatile.Read(ref failure) is not null;
    }

    /// <summary>Lists what the names of a directory lead to, in their order; in several threads if they are many.</summary>
    /// <param name="names">The names.</param>
    /// <param name="found">What is found.</param>
    /// <param name="mayShare">Whether no level above was shared already.</param>
    /// <param name="list">Adds what one name leads to; told whether a level below may be shared.</param>
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
