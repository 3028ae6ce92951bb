namespace Agb.Cloud;

/// <summary>A token cancelled with the caller's, or after a time limit.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _time;
    private readonly CancellationTokenSource _both;
    private readonly CancellationToken _caller;

    internal Deadline(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        Limit = limit;
        _caller = caller;
        _time = new CancellationTokenSource(limit, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(caller, _time.Token);
    }

    /// <summary>The time limit.</summary>
    internal TimeSpan Limit { get; }

    /// <summary>The token.</summary>
    internal CancellationToken Token => _both.Token;

    /// <summary>Whether the time limit was reached while the caller still waits.</summary>
    internal bool IsOver => _time.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Restarts the time limit.</summary>
    internal void Extend() => _time.CancelAfter(Limit);

    public void Dispose()
    {
        _both.Dispose();
        _time.Dispose();
    }
}
