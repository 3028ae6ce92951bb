namespace Agb.PowerShell;

/// <summary>Converts connections and services from another process. They never carry the key of an endpoint: the environment has
/// it.</summary>
public sealed class ConnectionConverter : OneWayConverter
{
    // Opens no service.
    private protected override bool Takes(object source, Type destination) =>
        source is PSObject bag && (Home(bag) is not null || Endpoint(bag) is not null);

    private protected override object? Convert(object source, Type destination) =>
        source is not PSObject bag ? null
        : Home(bag) is { } home ? new AgbConnection(ServiceResolver.Embedded(home), home)
        : new AgbConnection(ServiceResolver.Remote(Endpoint(bag), null, null));

    private static string? Home(PSObject bag) =>
        PropertyBag.TypeOf(bag) is not null && PropertyBag.Text(bag, nameof(AgbConnection.HomeDirectory)) is { } home && EmbeddedEngine.HasStore(home) ? home : null;

    private static string? Endpoint(PSObject bag) =>
        PropertyBag.TypeOf(bag) is not null && PropertyBag.Text(bag, nameof(AgbConnection.Name)) is { } name && Uri.TryCreate(name, UriKind.Absolute, out var address)
            && address.Scheme is ("http" or "https") ? name : null;
}
