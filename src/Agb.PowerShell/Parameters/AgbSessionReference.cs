using System.ComponentModel;

namespace Agb.PowerShell;

/// <summary>A session parameter: the object, its id, or an object with sessions, such as a command's result or a context.
/// PowerShell converts through the constructors, and objects from another process through the converter.</summary>
[TypeConverter(typeof(ReferenceConverter))]
public sealed class AgbSessionReference
{
    private readonly AgbSession? _session;

    /// <summary>A session by id.</summary>
    /// <param name="sessionId">The id.</param>
    public AgbSessionReference(string sessionId)
    {
        SessionId = sessionId;
    }

    /// <summary>A session object.</summary>
    /// <param name="session">The session.</param>
    public AgbSessionReference(AgbSession session)
        : this(Arguments.NotNull(session).SessionId, session.Service)
    {
        _session = session;
    }

    /// <summary>The session of a command.</summary>
    /// <param name="result">The command's result.</param>
    public AgbSessionReference(AgbCommandResult result)
        : this(Arguments.NotNull(result).SessionId, result.Service)
    {
    }

    /// <summary>The session of code.</summary>
    /// <param name="result">The code's result.</param>
    public AgbSessionReference(AgbCodeResult result)
        : this(Arguments.NotNull(result).SessionId, result.Service)
    {
    }

    /// <summary>The session of a sync.</summary>
    /// <param name="status">The sync's status.</param>
    public AgbSessionReference(AgbSyncStatus status)
        : this(Arguments.NotNull(status).SessionId, status.Service)
    {
    }

    /// <summary>The session of a mount.</summary>
    /// <param name="mount">The mount.</param>
    public AgbSessionReference(AgbMount mount)
        : this(Arguments.NotNull(mount).SessionId, mount.Service)
    {
    }

    /// <summary>The session of a browser.</summary>
    /// <param name="browser">The browser.</param>
    public AgbSessionReference(AgbBrowser browser)
        : this(Arguments.NotNull(browser).SessionId, browser.Service)
    {
        IsBrowser = true;
    }

    /// <summary>The session of a page.</summary>
    /// <param name="page">The page.</param>
    public AgbSessionReference(AgbBrowserPage page)
        : this(Arguments.NotNull(page).SessionId, page.Service)
    {
        PageId = page.PageId;
    }

    /// <summary>The session of a window.</summary>
    /// <param name="window">The window.</param>
    public AgbSessionReference(AgbWindow window)
        : this(Arguments.NotNull(window).SessionId, window.Service)
    {
    }

    /// <summary>The session of an app.</summary>
    /// <param name="app">The app.</param>
    public AgbSessionReference(AgbApp app)
        : this(Arguments.NotNull(app).SessionId, app.Service)
    {
    }

    /// <summary>The session of a process of an app.</summary>
    /// <param name="process">The process.</param>
    public AgbSessionReference(AgbAppProcess process)
        : this(Arguments.NotNull(process).SessionId, process.Service)
    {
    }

    /// <summary>The sessions mounting a context.</summary>
    /// <param name="context">The context.</param>
    public AgbSessionReference(AgbContext context)
        : this(new AgbContextReference(context))
    {
    }

    /// <summary>The sessions mounting a context.</summary>
    internal AgbSessionReference(AgbContextReference context)
        : this(context.Text, context.Service)
    {
        Context = context;
    }

    /// <summary>A session by its id.</summary>
    internal AgbSessionReference(string id, IAgbService? service)
    {
        SessionId = id;
        Service = service;
    }

    /// <summary>The session's id; the context's id if the reference is a context.</summary>
    public string SessionId { get; }

    /// <summary>The session's id for a call.</summary>
    internal SessionId Id => new(SessionId);

    /// <summary>The service of the given object; null for an id.</summary>
    public IAgbService? Service { get; }

    /// <summary>Whether the given object is a browser.</summary>
    internal bool IsBrowser { get; init; }

    /// <summary>The page, if the given object is one.</summary>
    internal string? PageId { get; init; }

    /// <summary>The context of the sessions, or null.</summary>
    internal AgbContextReference? Context { get; init; }

    /// <summary>The mounts of the session, as far as the given object has them.</summary>
    internal IReadOnlyList<AgbContextSync> KnownMounts => _session?.ContextSyncs ?? [];

    /// <inheritdoc/>
    public override string ToString() => _session is null && Context is { } context ? context.ToString() : SessionId;
}
