using System.Diagnostics;

namespace Agb.PowerShell;

/// <summary>Formats service, call and duration for the verbose stream.</summary>
internal static class CallText
{
    internal static string Took(string service, string what, long started) => Line(service, what, "took", started);

    internal static string FailedAfter(string service, string what, long started) => Line(service, what, "failed after", started);

    private static string Line(string service, string what, string how, long started) => string.Create(
        CultureInfo.InvariantCulture,
        $"{service}: {what} {how} {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms");
}
