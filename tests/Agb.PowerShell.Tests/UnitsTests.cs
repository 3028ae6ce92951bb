namespace Agb.PowerShell.Tests;

/// <summary>Durations, ages and sizes as people read them.</summary>
public sealed class UnitsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 5, 6, 7, 8, 9, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.999, "999 ms")]
    [InlineData(1.5, "1.5 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(181 * 60, "3 h 1 min")]
    [InlineData(52 * 3600, "2 d 4 h")]
    public void A_duration_is(double seconds, string expected) => Units.Duration(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);

    [Theory]
    [InlineData(-1, "now")]
    [InlineData(3.7, "3 s ago")]
    [InlineData(59.9 * 60, "59 min ago")]
    [InlineData(23.5 * 3600, "23 h ago")]
    [InlineData(30.5 * 86400, "30 d ago")]
    public void An_age_is(double seconds, string expected) => Units.Ago(s_now.AddSeconds(-seconds), s_now).ShouldBe(expected);

    [Fact]
    public void An_old_time_is_a_date() =>
        Units.Ago(new DateTime(2001, 2, 3, 12, 0, 0, DateTimeKind.Local), s_now).ShouldBe("2001-02-03");

    [Theory]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(2684354560, "2.5 GiB")]
    public void A_size_is(long bytes, string expected) => Units.Size(bytes).ShouldBe(expected);
}
