using System.Management.Automation;

namespace Agb.PowerShell;

/// <summary>Converts connections and services from another process. They never carry the key of an endpoint: the environment has
/// it.</summary>
public sealed class ConnectionConverter : PSTypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) =>
        sourceValue is PSObject bag && (Home(bag) is not null || Endpoint(bag) is not null);

    /// <inheritdoc/>
    public override bool CanConvertFrom(PSObject sourceValue, Type destinationType) => CanConvertFrom((object)sourceValue, destinationType);

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        sourceValue is not PSObject bag ? throw new PSInvalidCastException()
        : Home(bag) is { } home ? new AgbConnection(ServiceResolver.Embedded(home), home)
        : new AgbConnection(ServiceResolver.Remote(Endpoint(bag), null, null));

    /// <inheritdoc/>
    public override object ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        ConvertFrom((object)sourceValue, destinationType, formatProvider, ignoreCase);

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new PSInvalidCastException();

    private static string? Home(PSObject bag) =>
        IsOurs(bag) && Text(bag, nameof(AgbConnection.HomeDirectory)) is { } home && EmbeddedEngine.HasStore(home) ? home : null;

    private static string? Endpoint(PSObject bag) =>
        IsOurs(bag) && Text(bag, nameof(AgbConnection.Name)) is { } name && Uri.TryCreate(name, UriKind.Absolute, out var address)
            && address.Scheme is ("http" or "https") ? name : null;

    private static bool IsOurs(PSObject bag) => bag.TypeNames.Any(n => n.StartsWith("Deserialized.Agb.", StringComparison.Ordinal));

    private static string? Text(PSObject bag, string property) => bag.Properties[property]?.Value?.ToString() is { Length: > 0 } text ? text : null;
}
