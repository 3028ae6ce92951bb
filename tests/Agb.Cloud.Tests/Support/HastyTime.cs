namespace Agb.Cloud.Tests.Support;

/// <summary>A clock on which waits up to half a minute are over at once: it is then so much later. Longer ones, such as the time
/// limits of calls, never end.</summary>
internal sealed class HastyTime : TimeProvider
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(35);

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _waits = [];
    private TimeSpan _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The waits that were over.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
            {
                return [.. _waits];
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) + Elapsed();

    public override long GetTimestamp() => Elapsed().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HastyTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time go by.</summary>
    public void Advance(TimeSpan by)
    {
        lock (_gate)
        {
            _elapsed += by;
        }
    }

    private TimeSpan Elapsed()
    {
        lock (_gate)
        {
            return _elapsed;
        }
    }

    private void Wait(TimeSpan span)
    {
        lock (_gate)
        {
            _elapsed += span;
            _waits.Add(span);
        }
    }

    private sealed class HastyTimer(HastyTime time, TimerCallback callback, object? state) : ITimer
    {
        private int _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.Zero || dueTime > s_longest)
            {
                return true;
            }
            ThreadPool.QueueUserWorkItem(_ =>
            {
                if (Volatile.Read(ref _isDisposed) == 0)
                {
                    time.Wait(dueTime);
                    callback(state);
                }
            });
            return true;
        }

        public void Dispose() => Volatile.Write(ref _isDisposed, 1);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
