using System.Diagnostics;

namespace Agb.Linux;

/// <summary>Waiting for several descriptors at once (poll(2)).</summary>
internal static unsafe class ProcessWait
{
    /// <summary>Waits until at least one descriptor has data, is at its end, or is in error.</summary>
    /// <param name="descriptors">The descriptors; null entries are skipped.</param>
    /// <param name="returned">The events of each from poll(2); 0 for none.</param>
    /// <param name="limit">The time limit; negative for ever, zero for a single look.</param>
    /// <returns>False when the time was over first.</returns>
    public static bool Any(ReadOnlySpan<ProcessDescriptor?> descriptors, Span<short> returned, TimeSpan limit)
    {
        var entries = stackalloc ProcessLibc.PollEntry[descriptors.Length];
        for (var i = 0; i < descriptors.Length; i++)
        {
            // poll skips negative numbers.
            entries[i] = new() { Descriptor = descriptors[i]?.Number ?? -1, Events = ProcessLibc.POLLIN };
        }
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Poll(entries, descriptors.Length, Milliseconds(limit, start)))
            {
                for (var i = 0; i < descriptors.Length; i++)
                {
                    returned[i] = entries[i].Returned;
                }
                return true;
            }
            if (limit >= TimeSpan.Zero && Stopwatch.GetElapsedTime(start) >= limit)
            {
                returned.Clear();
                return false;
            }
        }
    }

    /// <summary>Waits, without limit, until one descriptor is writable or another one is ready.</summary>
    public static void ForRoom(ProcessDescriptor target, params ReadOnlySpan<ProcessDescriptor> others)
    {
        var entries = stackalloc ProcessLibc.PollEntry[others.Length + 1];
        entries[0] = new() { Descriptor = target.Number, Events = ProcessLibc.POLLOUT };
        for (var i = 0; i < others.Length; i++)
        {
            entries[i + 1] = new() { Descriptor = others[i].Number, Events = ProcessLibc.POLLIN };
        }
        while (!Poll(entries, others.Length + 1, -1))
        {
            // Interrupted by a signal.
        }
    }

    /// <summary>Waits once.</summary>
    /// <returns>False on timeout, or after a signal.</returns>
    private static bool Poll(ProcessLibc.PollEntry* entries, int count, int milliseconds) =>
        ProcessLibc.Poll(entries, (ulong)count, milliseconds) is var ready && ready >= 0 ? ready > 0
        : Marshal.GetLastPInvokeError() is Errno.EINTR ? false
        : throw ProcessLibc.Error("poll");

    /// <summary>Waits until one descriptor is ready.</summary>
    /// <returns>False when the time was over first.</returns>
    public static bool One(ProcessDescriptor descriptor, TimeSpan limit)
    {
        Span<short> returned = stackalloc short[1];
        return Any([descriptor], returned, limit);
    }

    private static int Milliseconds(TimeSpan limit, long start)
    {
        if (limit < TimeSpan.Zero)
        {
            return -1;
        }
        var left = (limit - Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
        // Rounded up, so a wait never ends early; a long wait is cut and repeated.
        return (int)Math.Clamp(Math.Ceiling(left), 0, 1 << 30);
    }
}
