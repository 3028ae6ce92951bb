using System.ComponentModel;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell;

/// <summary>A context as a parameter takes it: the object, its id or its name, or an object that tells of contexts. PowerShell
/// converts through the constructors, and what came from another process through the converter.</summary>
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

    /// <summary>A context that is at hand.</summary>
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

    /// <summary>The context that was compared.</summary>
    /// <param name="difference">What was found.</param>
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

    /// <summary>The contexts that a session mounts.</summary>
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

    /// <summary>The id, or what the user wrote.</summary>
    public string Text { get; }

    /// <summary>The service that the object came from, if it was an object.</summary>
    public IAgbService? Service { get; }

    /// <inheritdoc/>
    public override string ToString() => _context?.Name ?? _name ?? Text;

    /// <summary>The context itself; null when a text was given.</summary>
    internal AgbContext? Known => _context;

    /// <summary>Whether a text was given.</summary>
    internal bool IsText { get; }

    /// <summary>The session that was given for the contexts that it mounts, or null.</summary>
    internal string? SessionId { get; }

    /// <summary>The contexts that are meant: those that a session mounts, else the one.</summary>
    internal IReadOnlyList<AgbContextReference> Parts { get; }

    /// <summary>The context itself; asks the service only when a text was given.</summary>
    internal async Task<AgbContext> ResolveAsync(IAgbService service, CancellationToken cancellationToken) =>
        _context ?? await service.GetContextAsync(Text, cancellationToken).ConfigureAwait(false);
}
