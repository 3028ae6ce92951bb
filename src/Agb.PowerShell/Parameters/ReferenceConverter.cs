namespace Agb.PowerShell;

/// <summary>Converts objects from another process to references. The service then comes from the environment or -Connection.</summary>
public sealed class ReferenceConverter : OneWayConverter
{
    private protected override object? Convert(object source, Type destination) => source is PSObject bag && PropertyBag.TypeOf(bag) is { } type
        ? destination == typeof(AgbContextReference) ? Context(bag, type)
            : destination == typeof(AgbSessionReference) ? Session(bag, type)
            : null
        : null;

    private static AgbContextReference? Context(PSObject bag, string type) => type switch
    {
        nameof(AgbContext) => PropertyBag.Text(bag, nameof(AgbContext.Id)) is { } id
            ? new AgbContextReference(id, service: null, PropertyBag.Text(bag, nameof(AgbContext.Name)))
            : null,
        nameof(AgbSession) => PropertyBag.Text(bag, nameof(AgbSession.SessionId)) is { } session
            ? new AgbContextReference(session, Mounted(bag.Properties[nameof(AgbSession.ContextSyncs)]?.Value), service: null)
            : null,
        _ => PropertyBag.Text(bag, nameof(AgbContextFile.ContextId)) is { } context ? new AgbContextReference(context, service: null) : null,
    };

    private static AgbSessionReference? Session(PSObject bag, string type) =>
        type == nameof(AgbContext) ? Context(bag, type) is { } context ? new AgbSessionReference(context) : null
        : PropertyBag.Text(bag, nameof(AgbSession.SessionId)) is { } id ? new AgbSessionReference(id, service: null)
        {
            PageId = type == nameof(AgbBrowserPage) ? PropertyBag.Text(bag, nameof(AgbBrowserPage.PageId)) : null,
            IsBrowser = type == nameof(AgbBrowser),
        }
        : null;

    /// <summary>The context ids in mounts from another process.</summary>
    internal static IEnumerable<string> Mounted(object? syncs) =>
        LanguagePrimitives.GetEnumerable(syncs) is { } mounts
            ? mounts.Cast<object>().Select(m => PropertyBag.Text(PSObject.AsPSObject(m), nameof(AgbContextSync.ContextId))).OfType<string>()
            : [];
}
