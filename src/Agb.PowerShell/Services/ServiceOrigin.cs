namespace Agb.PowerShell;

/// <summary>Adds a Service property to mounts and images, the only objects without one, so that a chain through one of them
/// keeps its service. PowerShell stores such a property with the object itself, independent of wrappers.</summary>
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
