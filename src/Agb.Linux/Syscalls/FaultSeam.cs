using System.Collections.Concurrent;
using System.Diagnostics;

namespace Agb.Linux;

/// <summary>Lets a test fail any change of files and of the catalog, or simulate the death of the process before it. Every call
/// with a change below an AGB home asks here first. Compiled out of Release builds.</summary>
internal static class FaultSeam
{
    // By home directory, to separate tests running side by side.
    private static readonly ConcurrentDictionary<string, IFaults> s_faults = new(StringComparer.Ordinal);

    /// <summary>Whether all flushes of files and file systems are skipped, so a test of power cuts can be seen to fail.</summary>
    internal static bool LeaveFlushesOut
    {
#if AGB_FAULTS
        get;
        set;
#else
        get => false;
        set => throw new NotSupportedException("Only a Debug build can leave flushes out.");
#endif
    }

    /// <summary>Makes calls below a directory ask an object, until the result is disposed of.</summary>
    internal static IDisposable Arm(string home, IFaults faults)
    {
        s_faults[home] = faults;
        return new Armed(home);
    }

    /// <summary>Announces a change.</summary>
    /// <param name="operation">The system call, or the catalog's <c>begin</c>, <c>commit</c> and, after it, <c>committed</c>.</param>
    /// <param name="path">The changed file, by its path on the host.</param>
    [Conditional("AGB_FAULTS")]
    internal static void Before(string operation, string path) => Of(path)?.Reach(operation, path, 0);

    /// <summary>Announces a write.</summary>
    /// <returns>The number of bytes allowed.</returns>
    internal static nuint BeforeWrite(string operation, string path, nuint count)
    {
#if AGB_FAULTS
        return Of(path) is { } faults ? (nuint)faults.Reach(operation, path, (long)count) : count;
#else
        _ = (operation, path);
        return count;
#endif
    }

    /// <summary>Announces a read. Separate from changes, because sweeps count changes.</summary>
    [Conditional("AGB_FAULTS")]
    internal static void BeforeRead(string path) => Of(path)?.ReachRead(path);

    private static IFaults? Of(string path)
    {
        foreach (var (home, faults) in s_faults)
        {
            if (path.StartsWith(home, StringComparison.Ordinal))
            {
                return faults;
            }
        }
        return null;
    }

    private sealed class Armed(string home) : IDisposable
    {
        public void Dispose() => s_faults.TryRemove(home, out _);
    }
}

/// <summary>Chooses the calls to fail.</summary>
internal interface IFaults
{
    /// <summary>Called before a change; an exception is its failure.</summary>
    /// <returns>The number of bytes allowed.</returns>
    long Reach(string operation, string path, long count);

    /// <summary>Called before a read; an exception is its failure.</summary>
    void ReachRead(string path)
    {
    }
}
