namespace Agb.Cloud;

/// <summary>Polls at once, soon again, then less and less often.</summary>
internal static class AdaptivePoll
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);
    private const double Growth = 1.5;

    /// <summary>Polls until an answer ends the wait.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="isDone">Whether an answer ends the wait.</param>
    /// <param name="timeout">The maximum wait, before one last poll.</param>
    /// <param name="late">Makes the error of a timeout.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<T> UntilAsync<T>(
        TimeProvider time, Func<CancellationToken, Task<T>> ask, Func<T, bool> isDone, TimeSpan timeout, Func<AgbException> late,
        CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var pause = s_first;
        while (true)
        {
            var answer = await ask(cancellationToken).ConfigureAwait(false);
            if (isDone(answer))
            {
                return answer;
            }
            var left = timeout - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                throw late();
            }
            await Task.Delay(left < pause ? left : pause, time, cancellationToken).ConfigureAwait(false);
            pause = pause * Growth < s_longest ? pause * Growth : s_longest;
        }
    }
}
