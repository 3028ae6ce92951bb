namespace Agb;

/// <summary>The status of a session.</summary>
public enum AgbSessionStatus
{
    /// <summary>The sandbox is being made.</summary>
    Creating,

    /// <summary>Commands can be run.</summary>
    Running,

    /// <summary>The session's changes are being uploaded and its sandbox is being removed.</summary>
    Releasing,

    /// <summary>The session is gone.</summary>
    Released,

    /// <summary>The sandbox did not start, or its processes are gone (a reboot, say); the session can only be removed.</summary>
    Failed,

    /// <summary>No process of the session runs; the next use resumes them.</summary>
    Suspended,
}

/// <summary>The action at the end of a session's idle time.</summary>
public enum AgbIdleAction
{
    /// <summary>The session is released.</summary>
    Release,

    /// <summary>The session is suspended, and is never released for idleness.</summary>
    Suspend,
}

/// <summary>The network access of a session.</summary>
public enum AgbNetwork
{
    /// <summary>The host's network.</summary>
    Host,

    /// <summary>A separate loopback device only.</summary>
    None,

    /// <summary>A network namespace of the session's own with one way out: no way to the host's loopback, to other sessions or to
    /// link-local addresses. Its ports are reached only by links.</summary>
    Own,
}

/// <summary>A session: one disposable Linux machine, started from an image.</summary>
public sealed record AgbSession : AgbObject
{
    /// <summary>The id.</summary>
    public required string SessionId { get; init; }

    /// <summary>Alias of <see cref="SessionId"/>.</summary>
    public string Id => SessionId;

    /// <summary>The image of the session.</summary>
    public required string ImageId { get; init; }

    /// <summary>The status at the time of the query.</summary>
    public AgbSessionStatus Status { get; init; }

    /// <summary>The labels given at creation.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Indexable.Table(value); } = Indexable.Table(new Dictionary<string, string>());

    /// <summary>The mounted contexts.</summary>
    public IReadOnlyList<AgbContextSync> ContextSyncs { get; init => field = Indexable.List(value); } = Indexable.List<AgbContextSync>([]);

    /// <summary>When the session was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The end of the maximum lifetime, or null if there is none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The idle time before the <see cref="IdleAction"/>, or null for no limit. A running command is activity; time in sleep
    /// does not count.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The action at the end of the idle time.</summary>
    public AgbIdleAction IdleAction { get; init; }

    /// <summary>The network access.</summary>
    public AgbNetwork Network { get; init; }

    /// <summary>The session's limits on host resources, from the request or the service's defaults.</summary>
    public AgbSessionLimits Limits { get; init; } = AgbSessionLimits.None;

    /// <summary>The enforcement of each limit. Empty during creation, and on services without this report.</summary>
    public IReadOnlyList<AgbLimitState> LimitStates { get; init => field = Indexable.List(value); } = Indexable.List<AgbLimitState>([]);

    /// <summary>The session copied by this one (<see cref="ISessionForkService"/>), or null. It may be gone.</summary>
    public string? ForkedFrom { get; init; }

    /// <summary>The reason of the failure, or time and reason of the release; else null.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The session's id, for calls.</summary>
    public static implicit operator SessionId(AgbSession session) => new(session.SessionId);

    /// <inheritdoc/>
    public override string ToString() => SessionId;
}

/// <summary>A request for a new session.</summary>
public sealed record AgbSessionRequest
{
    /// <summary>The default image.</summary>
    public const string DefaultImageId = "agb-code-space-1";

    /// <summary>The maximum number of context mounts in one session.</summary>
    public const int MaxContextSyncs = 64;

    /// <summary>The image id.</summary>
    public string ImageId { get; init; } = DefaultImageId;

    /// <summary>The contexts to mount.</summary>
    public IReadOnlyList<AgbContextSync> ContextSyncs { get; init; } = [];

    /// <summary>Labels to find the session by.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The network access; null for the image's default: <see cref="AgbNetwork.Own"/> with a browser or a desktop, else
    /// <see cref="AgbNetwork.Host"/>. Without the means for Own on the host, an image with a browser alone gets Host.</summary>
    public AgbNetwork? Network { get; init; }

    /// <summary>The idle time before the <see cref="IdleAction"/>; null for never. At least one second.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The action at the end of the idle time. <see cref="AgbIdleAction.Suspend"/> needs an idle time.</summary>
    public AgbIdleAction IdleAction { get; init; }

    /// <summary>The age for the session's release, time in sleep included; null for never. At least one second.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>Limits on host resources; unset limits take the service's defaults, if any.</summary>
    public AgbSessionLimits Limits { get; init; } = AgbSessionLimits.None;

    /// <summary>Return as soon as the session is registered; it is then <see cref="AgbSessionStatus.Creating"/>.</summary>
    public bool NoWait { get; init; }
}
