using System.Collections.Concurrent;

namespace Agb.Server.Owners;

/// <summary>Calls of one owner that are under way, by the id that the client gave its request.</summary>
internal sealed class RunningCalls
{
    private readonly ConcurrentDictionary<string, RunningCall> _calls = new(StringComparer.Ordinal);

    /// <summary>Notes a call.</summary>
    /// <param name="requestId">The client's id; null or empty for a call that can't be cancelled by another.</param>
    /// <param name="aborted">Cancelled when the client is gone.</param>
    /// <returns>The call, to be disposed when it has ended.</returns>
    internal RunningCall Begin(string? requestId, CancellationToken aborted)
    {
        var call = new RunningCall(aborted, ended => _calls.TryRemove(KeyValuePair.Create(requestId ?? "", ended)));
        if (!string.IsNullOrEmpty(requestId))
        {
            _calls.TryAdd(requestId, call);
        }
        return call;
    }

    /// <summary>Cancels a call and waits until it has ended. One that is unknown has.</summary>
    internal async Task CancelAsync(string requestId, CancellationToken cancellationToken)
    {
        if (_calls.TryGetValue(requestId, out var call))
        {
            await call.CancelAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>A call that is under way.</summary>
internal sealed class RunningCall : IDisposable
{
    private readonly CancellationTokenSource _cancel;
    private readonly Action<RunningCall> _onEnd;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    internal RunningCall(CancellationToken aborted, Action<RunningCall> onEnd)
    {
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _onEnd = onEnd;
        Token = _cancel.Token;
    }

    /// <summary>Cancelled when the client is gone, or another call cancels this one.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Cancels the call.</summary>
    /// <returns>Ends when the call has ended.</returns>
    internal Task CancelAsync()
    {
        lock (_gate)
        {
            if (!_ended.Task.IsCompleted)
            {
                // What is cancelled may take its time, and must not hold up whoever holds the lock.
                _ = _cancel.CancelAsync();
            }
        }
        return _ended.Task;
    }

    /// <summary>Notes that the call has ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended.TrySetResult();
        }
        _onEnd(this);
        _cancel.Dispose();
    }
}
