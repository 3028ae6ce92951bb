using System.Globalization;

namespace Agb.Server.Tools;

/// <summary>Times of files as <c>stat</c> writes them.</summary>
internal static class SessionTime
{
    private static readonly long s_first = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long s_last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The time of a number of seconds since 1970; null for what is no number. A file can have a time beyond the year 9999,
    /// which counts as the last that there is.</summary>
    internal static DateTimeOffset? Read(string seconds) =>
        long.TryParse(seconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(number, s_first, s_last))
            : null;
}
