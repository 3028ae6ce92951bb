using System.Management.Automation;

namespace Agb.PowerShell;

/// <summary>Converts objects from another process (Start-Job, Invoke-Command, Import-Clixml) to references: PowerShell delivers
/// them as property bags. The service then comes from the environment or -Connection.</summary>
public sealed class ReferenceConverter : PSTypeConverter
{
    private const string Prefix = "Deserialized.Agb.";

    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => Convert(sourceValue, destinationType) is not null;

    /// <inheritdoc/>
    public override bool CanConvertFrom(PSObject sourceValue, Type destinationType) => Convert(sourceValue, destinationType) is not null;

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue, destinationType) ?? throw new PSInvalidCastException();

    /// <inheritdoc/>
    public override object ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue, destinationType) ?? throw new PSInvalidCastException();

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new PSInvalidCastException();

    private static object? Convert(object source, Type destination) => source is PSObject { TypeNames: var names } bag
        && names.FirstOrDefault(n => n.StartsWith(Prefix, StringComparison.Ordinal)) is { } name
            ? destination == typeof(AgbContextReference) ? Context(bag, name[Prefix.Length..])
                : destination == typeof(AgbSessionReference) ? Session(bag, name[Prefix.Length..])
                : null
            : null;

    private static AgbContextReference? Context(PSObject bag, string type) => type switch
    {
        nameof(AgbContext) => Text(bag, nameof(AgbContext.Id)) is { } id
            ? new AgbContextReference(id, service: null, Text(bag, nameof(AgbContext.Name)))
            : null,
        nameof(AgbSession) => Text(bag, nameof(AgbSession.SessionId)) is { } session
            ? new AgbContextReference(session, Mounted(bag.Properties[nameof(AgbSession.ContextSyncs)]?.Value), service: null)
            : null,
        _ => Text(bag, nameof(AgbContextFile.ContextId)) is { } context ? new AgbContextReference(context, service: null) : null,
    };

    private static AgbSessionReference? Session(PSObject bag, string type) =>
        type == nameof(AgbContext) ? Context(bag, type) is { } context ? new AgbSessionReference(context) : null
        : Text(bag, nameof(AgbSession.SessionId)) is { } id ? new AgbSessionReference(id, service: null)
        : null;

    /// <summary>The context ids in mounts from another process.</summary>
    internal static IEnumerable<string> Mounted(object? syncs) =>
        LanguagePrimitives.GetEnumerable(syncs) is { } mounts
            ? mounts.Cast<object>().Select(m => Text(PSObject.AsPSObject(m), nameof(AgbContextSync.ContextId))).OfType<string>()
            : [];

    private static string? Text(PSObject bag, string property) => bag.Properties[property]?.Value?.ToString() is { Length: > 0 } text ? text : null;
}
