using System.ComponentModel;
using System.Management.Automation;

namespace Agb.PowerShell;

/// <summary>A context from the pipeline while the command line has an argument in the context's position: an object with
/// contexts, or a text, and nothing else.</summary>
[TypeConverter(typeof(Converter))]
public sealed class AgbPipedContext
{
    private AgbPipedContext(AgbContextReference reference) => Reference = reference;

    /// <summary>The context.</summary>
    internal AgbContextReference Reference { get; }

    /// <summary>Converts objects with a context.</summary>
    public sealed class Converter : PSTypeConverter
    {
        /// <inheritdoc/>
        public override bool CanConvertFrom(object sourceValue, Type destinationType) => Tells(sourceValue);

        /// <inheritdoc/>
        public override bool CanConvertFrom(PSObject sourceValue, Type destinationType) => Tells(sourceValue);

        /// <inheritdoc/>
        public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
            new AgbPipedContext(LanguagePrimitives.ConvertTo<AgbContextReference>(sourceValue));

        /// <inheritdoc/>
        public override object ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
            ConvertFrom((object)sourceValue, destinationType, formatProvider, ignoreCase);

        /// <inheritdoc/>
        public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

        /// <inheritdoc/>
        public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
            throw new PSInvalidCastException();

        private static bool Tells(object source)
        {
            var value = source is PSObject bag ? bag.BaseObject : source;
            return value is string or AgbContext or AgbContextSync or AgbContextVersion or AgbContextFile or AgbContextDifference or AgbSyncStatus or AgbSession
                || new ReferenceConverter().CanConvertFrom(source, typeof(AgbContextReference));
        }
    }
}
