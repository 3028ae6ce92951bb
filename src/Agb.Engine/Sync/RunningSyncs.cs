using System.Collections.Concurrent;

namespace Agb.Engine;

/// <summary>The syncs that this process carries out: who waits for one in the same process is woken by its end. Those of other
/// processes are only seen in the catalog.</summary>
internal sealed class RunningSyncs
{
    private readonly ConcurrentDictionary<Task, string> _sessions = new();

    /// <summary>Counts a sync as running until it ends.</summary>
    internal void Add(string sessionId, Task sync)
    {
        _sessions[sync] = sessionId;
        _ = sync.ContinueWith(
            ended => _sessions.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Lets time pass, until a sync of the session ends at the latest.</summary>
    internal async Task DelayAsync(string sessionId, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(atMost, time, woken.Token);
        await Task.WhenAny([delay, .. _sessions.Where(s => s.Value == sessionId).Select(s => s.Key)]).ConfigureAwait(false);
        await woken.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
