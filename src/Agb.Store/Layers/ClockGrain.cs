namespace Agb.Store;

/// <summary>How finely the kernel stamps changes. Before Linux 6.13 a change time has the grain of the timer tick, up to
/// 10 ms (multigrain timestamps, kernel.org/doc: filesystems/multigrain-ts): a file that is written, uploaded and written
/// again within one tick would look untouched.</summary>
internal static class ClockGrain
{
    /// <summary>Longer than any tick.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(12);

    /// <summary>Whether each change that somebody looked at gets a time of its own.</summary>
    internal static bool IsFine { get; } = Environment.OSVersion.Version >= new Version(6, 13);

    /// <summary>Lets the tick pass in which a running session may have written last.</summary>
    /// <returns>From when on a change time is too young to be trusted, in nanoseconds since 1970.</returns>
    internal static async Task<long> SettleAsync(CancellationToken cancellationToken)
    {
        if (IsFine)
        {
            return long.MaxValue;
        }
        // The kernel's own clock, whatever clock the service was given.
        await Task.Delay(Tick, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMilliseconds(10)).Ticks * TimeSpan.NanosecondsPerTick;
    }
}
