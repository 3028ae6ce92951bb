namespace Agb.Server;

/// <summary>File times in the form of <c>stat</c>.</summary>
internal static class SessionTime
{
    private static readonly long s_first = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long s_last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The time from a number of seconds since 1970; null for anything else. A file time beyond the year 9999 becomes
    /// the last possible time.</summary>
    internal static DateTimeOffset? Read(string seconds) =>
        long.TryParse(seconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(number, s_first, s_last))
            : null;
}
