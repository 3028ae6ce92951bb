namespace Agb.Engine.Store.Tests;

/// <summary>The system's clock, moved by days.</summary>
internal sealed class MovableTime : TimeProvider
{
    private long _days;

    internal void Advance(TimeSpan span) => Interlocked.Add(ref _days, (long)span.TotalDays);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddDays(Interlocked.Read(ref _days));
}
