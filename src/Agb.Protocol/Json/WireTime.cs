namespace Agb.Protocol;

/// <summary>Times on the wire: ISO 8601 in UTC, to the second.</summary>
public static class WireTime
{
    /// <summary>The text for a time.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The time of a text. Invalid text gives the beginning of time, because the cloud guarantees no format.</summary>
    public static DateTimeOffset Parse(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : default;

    /// <summary>The time of a number of seconds since 1970, or of milliseconds if too large for seconds; null for 0.</summary>
    public static DateTimeOffset? FromUnix(long number) =>
        number is <= 0 or > 253_402_300_799_999 ? null
        : number > 100_000_000_000 ? DateTimeOffset.FromUnixTimeMilliseconds(number)
        : DateTimeOffset.FromUnixTimeSeconds(number);
}
