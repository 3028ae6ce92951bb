using System.Diagnostics;
using System.Globalization;

namespace Agb.PowerShell.Hosting;

/// <summary>The one form in which the verbose stream names a service, a call and its time.</summary>
internal static class CallText
{
    internal static string Took(string service, string what, long started) => Line(service, what, "took", started);

    internal static string FailedAfter(string service, string what, long started) => Line(service, what, "failed after", started);

    private static string Line(string service, string what, string how, long started) => string.Create(
        CultureInfo.InvariantCulture,
        $"{service}: {what} {how} {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms");
}
