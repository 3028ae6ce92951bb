using Agb.PowerShell.Hosting;

namespace Agb.PowerShell;

/// <summary>A session as a parameter takes it: the object, its id, or an object that tells of a session, such as a
/// command's result. PowerShell converts through the constructors.</summary>
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

    /// <summary>The session that a sync belongs to.</summary>
    /// <param name="status">The sync's status.</param>
    public AgbSessionReference(AgbSyncStatus status)
        : this(Arguments.NotNull(status).SessionId, status.Service)
    {
    }

    private AgbSessionReference(string id, IAgbService? service)
    {
        SessionId = id;
        Service = service;
    }

    /// <summary>The id.</summary>
    public string SessionId { get; }

    /// <summary>The service that the object came from, if it was an object.</summary>
    public IAgbService? Service { get; }

    /// <summary>What the session mounts, as far as the object given tells it.</summary>
    internal IReadOnlyList<AgbContextSync> KnownMounts => _session?.ContextSyncs ?? [];

    /// <inheritdoc/>
    public override string ToString() => SessionId;
}
