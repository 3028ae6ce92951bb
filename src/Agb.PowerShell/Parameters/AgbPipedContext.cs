using System.ComponentModel;

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
    public sealed class Converter : OneWayConverter
    {
        private protected override object? Convert(object source, Type destination) =>
            new AgbPipedContext(LanguagePrimitives.ConvertTo<AgbContextReference>(source));

        private protected override bool Takes(object source, Type destination) =>
            Arguments.Plain(source) is string or AgbContext or AgbContextSync or AgbContextVersion or AgbContextFile or AgbContextDifference or AgbSyncStatus or AgbSession
            || new ReferenceConverter().CanConvertFrom(source, typeof(AgbContextReference));
    }
}
