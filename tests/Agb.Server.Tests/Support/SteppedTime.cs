namespace Agb.Server.Tests.Support;

/// <summary>A clock that goes when a test says so. Its timers are the system's.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly DateTimeOffset _began = System.GetUtcNow();
    private TimeSpan _passed = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _began + _passed;

    public override long GetTimestamp() => _passed.Ticks;

    internal void Advance(TimeSpan time) => _passed += time;
}
