using System.Collections.Concurrent;
using System.Diagnostics;

namespace Agb.Linux;

/// <summary>Lets a test make any change of files and of the catalog fail, or believe that the process died before it: every call
/// that changes something below an AGB home asks here first. Compiled out of Release builds.</summary>
internal static class FaultSeam
{
    // By home directory, so that tests which run side by side do not meet.
    private static readonly ConcurrentDictionary<string, IFaults> s_faults = new(StringComparer.Ordinal);

    /// <summary>Whether files and file systems are not flushed at all, so that a test of power cuts can be seen to fail.</summary>
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

    /// <summary>Has calls below a directory ask an object, until the result is disposed of.</summary>
    internal static IDisposable Arm(string home, IFaults faults)
    {
        s_faults[home] = faults;
        return new Armed(home);
    }

    /// <summary>A change is about to be made.</summary>
    /// <param name="operation">The system call, or the catalog's <c>begin</c>, <c>commit</c> and, after it, <c>committed</c>.</param>
    /// <param name="path">The file that it changes, by its path on the host.</param>
    [Conditional("AGB_FAULTS")]
    internal static void Before(string operation, string path) => Of(path)?.Reach(operation, path, 0);

    /// <summary>Bytes are about to be written.</summary>
    /// <returns>How many may be.</returns>
    internal static nuint BeforeWrite(string operation, string path, nuint count)
    {
#if AGB_FAULTS
        return Of(path) is { } faults ? (nuint)faults.Reach(operation, path, (long)count) : count;
#else
        _ = (operation, path);
        return count;
#endif
    }

    /// <summary>Something is about to be read. Kept apart from changes, by whose number sweeps go.</summary>
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

/// <summary>Decides which calls fail.</summary>
internal interface IFaults
{
    /// <summary>A call is about to be made; an exception is its failure.</summary>
    /// <returns>How many of the bytes may be written.</returns>
    long Reach(string operation, string path, long count);

    /// <summary>Something is about to be read; an exception is the failure.</summary>
    void ReachRead(string path)
    {
    }
}
