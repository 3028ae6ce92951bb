using System.Runtime.CompilerServices;

namespace Agb.PowerShell.Hosting;

/// <summary>Remembers the service of objects that have no property for it (mounts and images), so that a chain which
/// passes through one of them goes on with the service it began with. The entries die with their objects.</summary>
internal static class ServiceOrigin
{
    private static readonly ConditionalWeakTable<object, IAgbService> s_origins = [];

    internal static T With<T>(T item, IAgbService? service)
        where T : class
    {
        if (service is not null)
        {
            s_origins.AddOrUpdate(item, service);
        }
        return item;
    }

    internal static IAgbService? Of(object? item) =>
        item is not null && s_origins.TryGetValue(item, out var service) ? service : null;
}
