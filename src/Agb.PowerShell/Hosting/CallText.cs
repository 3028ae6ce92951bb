using System.Diagnostics;
using System.Globalization;

namespace Agb.PowerShell.Hosting;

/// <summary>The one form in which the verbose stream names a call of a service.</summary>
internal static class CallText
{
    internal static string Took(IAgbService service, string what, long started) => Line(service, what, "took", started);

    internal static string FailedAfter(IAgbService service, string what, long started) => Line(service, what, "failed after", started);

    private static string Line(IAgbService service, string what, string how, long started) => string.Create(
        CultureInfo.InvariantCulture,
        $"{service.Name}: {what} {how} {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms");
}
