namespace Agb.Engine;

/// <summary>Syncs run by this process. Their end wakes waiters in the same process; syncs of other processes are polled in the
/// catalog.</summary>
internal sealed class RunningSyncs
{
    private readonly ConcurrentDictionary<Task, string> _sessions = new();

    /// <summary>Adds a sync until it ends.</summary>
    internal void Add(string sessionId, Task sync)
    {
        _sessions[sync] = sessionId;
        _ = sync.ContinueWith(
            ended => _sessions.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits for a time, or until a sync of the session ends.</summary>
    internal async Task DelayAsync(string sessionId, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(atMost, time, woken.Token);
        await Task.WhenAny([delay, .. _sessions.Where(s => s.Value == sessionId).Select(s => s.Key)]).ConfigureAwait(false);
        await woken.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
