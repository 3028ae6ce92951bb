namespace Agb.PowerShell;

/// <summary>Converts objects to a type of the module, and never back.</summary>
public abstract class OneWayConverter : PSTypeConverter
{
    private protected OneWayConverter()
    {
    }

    /// <inheritdoc/>
    public sealed override bool CanConvertFrom(object sourceValue, Type destinationType) => Takes(sourceValue, destinationType);

    /// <inheritdoc/>
    public sealed override bool CanConvertFrom(PSObject sourceValue, Type destinationType) => Takes(sourceValue, destinationType);

    /// <inheritdoc/>
    public sealed override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue, destinationType) ?? throw new PSInvalidCastException();

    /// <inheritdoc/>
    public sealed override object ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue, destinationType) ?? throw new PSInvalidCastException();

    /// <inheritdoc/>
    public sealed override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public sealed override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new PSInvalidCastException();

    /// <summary>Whether an object is converted.</summary>
    private protected virtual bool Takes(object source, Type destination) => Convert(source, destination) is not null;

    /// <summary>The converted object, or null.</summary>
    private protected abstract object? Convert(object source, Type destination);
}
