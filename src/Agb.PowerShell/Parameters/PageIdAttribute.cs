namespace Agb.PowerShell;

/// <summary>Takes a page for its id.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PageIdAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Arguments.Plain(inputData) switch
    {
        AgbBrowserPage page => page.PageId,
        _ when inputData is PSObject bag && PropertyBag.TypeOf(bag) == nameof(AgbBrowserPage) => PropertyBag.Text(bag, nameof(AgbBrowserPage.PageId)) ?? inputData,
        _ => inputData,
    };
}
