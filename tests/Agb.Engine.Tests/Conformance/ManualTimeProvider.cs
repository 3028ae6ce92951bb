namespace Agb.Engine.Tests.Conformance;

/// <summary>A clock that stands still until a test moves it. Short waits (one-shot timers) pass in real time, so that locks and
/// polls work; repeating timers go off only when the test says so.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Repeating> _repeating = [];
    private DateTimeOffset _now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Moves the clock on; no timer goes off.</summary>
    public void Advance(TimeSpan time)
    {
        lock (_lock)
        {
            _now += time;
        }
    }

    /// <summary>Lets every repeating timer go off once.</summary>
    public void Tick()
    {
        Repeating[] timers;
        lock (_lock)
        {
            timers = [.. _repeating];
        }
        foreach (var timer in timers)
        {
            timer.Callback(timer.State);
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }
        var timer = new Repeating(this, callback, state);
        lock (_lock)
        {
            _repeating.Add(timer);
        }
        return timer;
    }

    private sealed class Repeating(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        internal TimerCallback Callback => callback;

        internal object? State => state;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._repeating.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
