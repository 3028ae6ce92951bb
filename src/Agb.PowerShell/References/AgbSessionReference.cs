using System.ComponentModel;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell;

/// <summary>A session as a parameter takes it: the object, its id, or an object that tells of sessions, such as a command's result
/// or a context. PowerShell converts through the constructors, and what came from another process through the converter.</summary>
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

    /// <summary>A session that is at hand.</summary>
    /// <param name="session">The session.</param>
    public AgbSessionReference(AgbSession session)
        : this(Arguments.NotNull(session).SessionId, session.Service)
    {
        _session = session;
    }

    /// <summary>The session that a command ran in.</summary>
    /// <param name="result">The command's result.</param>
    public AgbSessionReference(AgbCommandResult result)
        : this(Arguments.NotNull(result).SessionId, result.Service)
    {
    }

    /// <summary>The session that code ran in.</summary>
    /// <param name="result">The code's result.</param>
    public AgbSessionReference(AgbCodeResult result)
        : this(Arguments.NotNull(result).SessionId, result.Service)
    {
    }

    /// <summary>The session that a sync belongs to.</summary>
    /// <param name="status">The sync's status.</param>
    public AgbSessionReference(AgbSyncStatus status)
        : this(Arguments.NotNull(status).SessionId, status.Service)
    {
    }

    /// <summary>The sessions that mount a context.</summary>
    /// <param name="context">The context.</param>
    public AgbSessionReference(AgbContext context)
        : this(new AgbContextReference(context))
    {
    }

    /// <summary>The sessions that mount a context.</summary>
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

    /// <summary>The id; a context's where sessions are meant by the context that they mount.</summary>
    public string SessionId { get; }

    /// <summary>The service that the object came from, if it was an object.</summary>
    public IAgbService? Service { get; }

    /// <summary>The context whose sessions are meant, or null.</summary>
    internal AgbContextReference? Context { get; init; }

    /// <summary>What the session mounts, as far as the object given tells it.</summary>
    internal IReadOnlyList<AgbContextSync> KnownMounts => _session?.ContextSyncs ?? [];

    /// <inheritdoc/>
    public override string ToString() => _session is null && Context is { } context ? context.ToString() : SessionId;
}
