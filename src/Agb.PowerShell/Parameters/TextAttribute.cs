namespace Agb.PowerShell;

/// <summary>Refuses objects of the module for a text at a position before the session: PowerShell would take the text of a session given
/// there, and ask for the session.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        foreach (var item in Arguments.Plain(inputData) is object[] many ? many : [inputData])
        {
            if (Arguments.Plain(item) is AgbObject || (item is PSObject bag && PropertyBag.TypeOf(bag) is not null))
            {
                throw new ArgumentTransformationMetadataException("An object is given where a text is expected. Give sessions with -Session, or by the pipeline.");
            }
        }
        return inputData;
    }
}
