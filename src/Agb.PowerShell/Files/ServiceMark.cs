using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Agb.PowerShell;

/// <summary>A mark in place of a drive's name in a path, to keep the service of its object. A mark has a dot, which is not
/// allowed in a drive's name. The mark is the same in each process for a service from the environment or from a connection's
/// settings; any other service's mark is valid only in its own process.</summary>
internal static class ServiceMark
{
    private const string Prefix = "agb.";
    private const int Digits = 12;

    private static readonly Lock s_gate = new();
    private static readonly ConditionalWeakTable<IAgbService, string> s_marks = [];
    private static readonly Dictionary<string, WeakReference<IAgbService>> s_services = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a text is a mark and not a drive's name.</summary>
    internal static bool IsMark(string text) => text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The mark of a service.</summary>
    internal static string Of(IAgbService service)
    {
        service = CallTrace.Inner(service);
        lock (s_gate)
        {
            if (!s_marks.TryGetValue(service, out var mark))
            {
                mark = Prefix + (ServiceResolver.IdentityOf(service) is { } identity ? Hash(identity) : RandomNumberGenerator.GetHexString(Digits, lowercase: true));
                s_marks.Add(service, mark);
            }
            // The newest service with the mark: a removed and recreated home has another service.
            s_services[mark] = new WeakReference<IAgbService>(service);
            return mark;
        }
    }

    /// <summary>The service of a mark.</summary>
    /// <exception cref="AgbException">ServiceNotAvailable: this process has no such service.</exception>
    internal static IAgbService Find(string mark)
    {
        lock (s_gate)
        {
            if (s_services.TryGetValue(mark, out var reference) && reference.TryGetTarget(out var known))
            {
                return known;
            }
        }
        // The object may come from another process with the same settings.
        var service = ServiceResolver.Default();
        return string.Equals(Of(service), mark, StringComparison.OrdinalIgnoreCase)
            ? service
            : throw new AgbException(
                AgbErrorIds.ServiceNotAvailable, AgbErrorKind.InvalidState, $"The path's service '{mark}' is not connected in this process.",
                "Get the object again in this process, or name the context on a drive, such as agb:/my-context.", mark);
    }

    private static string Hash(string identity) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..Digits];
}
