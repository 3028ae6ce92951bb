using Microsoft.Extensions.Time.Testing;

namespace Agb.Testing;

/// <summary>Single waits on a <see cref="TestClock"/>.</summary>
public enum Waits
{
    /// <summary>They pass in real time, so that polls and locks work.</summary>
    Real,

    /// <summary>Waits up to half a minute are over at once, and the clock is so much later. Longer ones, such as the time limits of
    /// calls, pass with <see cref="FakeTimeProvider.Advance"/>.</summary>
    Over,
}

/// <summary>A clock that stands still until a test moves it. Repeating timers go off with <see cref="Tick"/> alone.</summary>
public sealed class TestClock(Waits waits = Waits.Real) : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(35);

    private readonly Lock _gate = new();
    private readonly List<Action> _repeating = [];
    private readonly List<TimeSpan> _over = [];
    private TimeSpan? _held;
    private TaskCompletionSource _holds = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The waits that were over at once.</summary>
    public IReadOnlyList<TimeSpan> Over
    {
        get
        {
            lock (_gate)
            {
                return [.. _over];
            }
        }
    }

    /// <summary>Lets the next wait of one length pass with <see cref="FakeTimeProvider.Advance"/> alone.</summary>
    /// <returns>A task that ends with the start of that wait.</returns>
    public Task HoldAsync(TimeSpan span)
    {
        lock (_gate)
        {
            _held = span;
            _holds = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _holds.Task;
        }
    }

    /// <summary>Lets every repeating timer go off once.</summary>
    public void Tick()
    {
        Action[] timers;
        lock (_gate)
        {
            timers = [.. _repeating];
        }
        foreach (var timer in timers)
        {
            timer();
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private bool AreOver => waits == Waits.Over;

    private ITimer CreateHeld(TimerCallback callback, object? state, TimeSpan dueTime) =>
        base.CreateTimer(callback, state, dueTime, Timeout.InfiniteTimeSpan);

    // Single waits alone.
    private bool IsHeld(TimeSpan dueTime)
    {
        lock (_gate)
        {
            if (dueTime != _held)
            {
                return AreOver && dueTime > s_longest;
            }
            _held = null;
            return true;
        }
    }

    private void PassOver(TimeSpan span)
    {
        lock (_gate)
        {
            _over.Add(span);
        }
        Advance(span);
    }

    private void Set(Action repeating, bool isOn)
    {
        lock (_gate)
        {
            _repeating.Remove(repeating);
            if (isOn)
            {
                _repeating.Add(repeating);
            }
        }
    }

    private sealed class Timer : ITimer
    {
        private readonly TestClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly Action _repeat;
        private ITimer? _single;
        private int _changes;

        internal Timer(TestClock clock, TimerCallback callback, object? state)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _repeat = () => callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime < TimeSpan.Zero)
            {
                return true;
            }
            if (period > TimeSpan.Zero)
            {
                _clock.Set(_repeat, isOn: true);
            }
            else if (_clock.IsHeld(dueTime))
            {
                _single = _clock.CreateHeld(_callback, _state, dueTime);
                // Not before: the test may move the clock at once.
                _clock._holds.TrySetResult();
            }
            else if (_clock.AreOver)
            {
                var change = Volatile.Read(ref _changes);
                ThreadPool.QueueUserWorkItem(_ => PassOver(dueTime, change));
            }
            else
            {
                _single = TimeProvider.System.CreateTimer(_callback, _state, dueTime, Timeout.InfiniteTimeSpan);
            }
            return true;
        }

        public void Dispose()
        {
            Interlocked.Increment(ref _changes);
            _single?.Dispose();
            _clock.Set(_repeat, isOn: false);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void PassOver(TimeSpan span, int change)
        {
            if (Volatile.Read(ref _changes) == change)
            {
                _clock.PassOver(span);
                _callback(_state);
            }
        }
    }
}
