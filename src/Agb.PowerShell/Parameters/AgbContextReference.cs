using System.ComponentModel;

namespace Agb.PowerShell;

/// <summary>A context parameter: the object, its id or its name, or an object with contexts. PowerShell converts through the
/// constructors, and objects from another process through the converter.</summary>
[TypeConverter(typeof(ReferenceConverter))]
public sealed class AgbContextReference
{
    private readonly AgbContext? _context;
    private readonly string? _name;

    /// <summary>A context by id or name.</summary>
    /// <param name="idOrName">The id or the name.</param>
    public AgbContextReference(string idOrName)
    {
        Text = idOrName;
        IsText = true;
        Parts = [this];
    }

    /// <summary>A context object.</summary>
    /// <param name="context">The context.</param>
    public AgbContextReference(AgbContext context)
        : this(Arguments.NotNull(context).Id, context.Service)
    {
        _context = context;
    }

    /// <summary>The context of a mount.</summary>
    /// <param name="sync">The mount.</param>
    public AgbContextReference(AgbContextSync sync)
        : this(Arguments.NotNull(sync).ContextId, ServiceOrigin.Of(sync))
    {
    }

    /// <summary>The context of a mount in a session.</summary>
    /// <param name="mount">The mount.</param>
    public AgbContextReference(AgbMount mount)
        : this(Arguments.NotNull(mount).ContextId, mount.Service)
    {
    }

    /// <summary>The context of a version.</summary>
    /// <param name="version">The version.</param>
    public AgbContextReference(AgbContextVersion version)
        : this(Arguments.NotNull(version).ContextId, version.Service)
    {
    }

    /// <summary>The context of a file.</summary>
    /// <param name="file">The file.</param>
    public AgbContextReference(AgbContextFile file)
        : this(Arguments.NotNull(file).ContextId, file.Service)
    {
    }

    /// <summary>The compared context.</summary>
    /// <param name="difference">The difference.</param>
    public AgbContextReference(AgbContextDifference difference)
        : this(Arguments.NotNull(difference).ContextId, difference.Service)
    {
    }

    /// <summary>The context of a sync.</summary>
    /// <param name="status">The sync's status.</param>
    public AgbContextReference(AgbSyncStatus status)
        : this(Arguments.NotNull(status).ContextId, status.Service)
    {
    }

    /// <summary>The contexts mounted in a session.</summary>
    /// <param name="session">The session.</param>
    public AgbContextReference(AgbSession session)
        : this(Arguments.NotNull(session).SessionId, session.ContextSyncs.Select(s => s.ContextId), session.Service)
    {
    }

    /// <summary>The contexts of a session, by their ids.</summary>
    internal AgbContextReference(string sessionId, IEnumerable<string> contextIds, IAgbService? service)
        : this(sessionId, service)
    {
        SessionId = sessionId;
        Parts = [.. contextIds.Distinct(StringComparer.Ordinal).Select(id => new AgbContextReference(id, service))];
    }

    /// <summary>A context by its id.</summary>
    internal AgbContextReference(string id, IAgbService? service, string? name = null)
    {
        Text = id;
        Service = service;
        _name = name;
        Parts = [this];
    }

    /// <summary>The id, or the text from the user.</summary>
    public string Text { get; }

    /// <summary>The service of the given object; null for a text.</summary>
    public IAgbService? Service { get; }

    /// <inheritdoc/>
    public override string ToString() => _context?.Name ?? _name ?? Text;

    /// <summary>The context object; null for a text.</summary>
    internal AgbContext? Known => _context;

    /// <summary>Whether the user gave a text.</summary>
    internal bool IsText { get; }

    /// <summary>The session given in place of its contexts, or null.</summary>
    internal string? SessionId { get; }

    /// <summary>The contexts of the reference: all mounts of a session, else the single context.</summary>
    internal IReadOnlyList<AgbContextReference> Parts { get; }

    /// <summary>The context object; calls the service only for a text.</summary>
    internal async Task<AgbContext> ResolveAsync(IAgbService service, CancellationToken cancellationToken) =>
        _context ?? await (Service is null
            ? service.FindContextAsync(Text, cancellationToken)
            : service.GetContextAsync(new ContextId(Text), cancellationToken)).ConfigureAwait(false);
}
