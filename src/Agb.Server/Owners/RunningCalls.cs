using System.Collections.Concurrent;

namespace Agb.Server;

/// <summary>Running calls of one owner, by the client's request id.</summary>
internal sealed class RunningCalls
{
    private readonly ConcurrentDictionary<string, RunningCall> _calls = new(StringComparer.Ordinal);

    /// <summary>Registers a call.</summary>
    /// <param name="requestId">The client's id; null or empty for a call without cancellation by id.</param>
    /// <param name="aborted">Cancelled when the client is gone.</param>
    /// <returns>The call, to be disposed at its end.</returns>
    internal RunningCall Begin(string? requestId, CancellationToken aborted)
    {
        var call = new RunningCall(aborted, ended => _calls.TryRemove(KeyValuePair.Create(requestId ?? "", ended)));
        if (!string.IsNullOrEmpty(requestId))
        {
            _calls.TryAdd(requestId, call);
        }
        return call;
    }

    /// <summary>Cancels a call and waits for its end. An unknown call has already ended.</summary>
    internal async Task CancelAsync(string requestId, CancellationToken cancellationToken)
    {
        if (_calls.TryGetValue(requestId, out var call))
        {
            await call.CancelAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>A running call.</summary>
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

    /// <summary>Cancelled by another call, or when the client is gone.</summary>
    internal CancellationToken Token { get; }

    /// <summary>Cancels the call.</summary>
    /// <returns>Completes at the end of the call.</returns>
    internal Task CancelAsync()
    {
        lock (_gate)
        {
            if (!_ended.Task.IsCompleted)
            {
                // Not awaited: cancellation callbacks can be slow and must not block the lock.
                _ = _cancel.CancelAsync();
            }
        }
        return _ended.Task;
    }

    /// <summary>Records the end of the call.</summary>
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
