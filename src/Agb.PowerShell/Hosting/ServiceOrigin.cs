using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>Gives mounts and images, whose types have no property for it, the Service property that all other objects
/// have, so that a chain which passes through one of them goes on with the service it began with. PowerShell keeps such
/// a property with the object itself, whatever wraps it.</summary>
internal static class ServiceOrigin
{
    internal static T With<T>(T item, IAgbService service)
        where T : class
    {
        PSObject.AsPSObject(item).Properties.Add(new PSNoteProperty(nameof(AgbObject.Service), CallTrace.Inner(service)));
        return item;
    }

    internal static IAgbService? Of(object item) =>
        PSObject.AsPSObject(item).Properties[nameof(AgbObject.Service)]?.Value as IAgbService;
}
