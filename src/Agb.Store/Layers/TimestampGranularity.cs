namespace Agb.Store;

/// <summary>Timestamp granularity of the kernel. Before Linux 6.13 a change time has the granularity of the timer tick, up to
/// 10 ms (multigrain timestamps, kernel.org/doc: filesystems/multigrain-ts): a second write within the tick of a write and its
/// upload would go unnoticed.</summary>
internal static class TimestampGranularity
{
    /// <summary>Longer than any tick.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(12);

    /// <summary>Whether every observed change gets a distinct time.</summary>
    internal static bool IsFine { get; } = Environment.OSVersion.Version >= new Version(6, 13);

    /// <summary>Waits for the end of the tick with the last write of a running session.</summary>
    /// <returns>The first untrusted change time, in nanoseconds since 1970.</returns>
    internal static async Task<long> SettleAsync(CancellationToken cancellationToken)
    {
        if (IsFine)
        {
            return long.MaxValue;
        }
        // The system clock, not an injected one: the kernel sets the timestamps.
        await Task.Delay(Tick, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(10)).Ticks * TimeSpan.NanosecondsPerTick;
    }
}
