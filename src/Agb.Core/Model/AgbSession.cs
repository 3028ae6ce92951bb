namespace Agb;

/// <summary>Where a session stands in its life.</summary>
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

    /// <summary>The sandbox did not start, or its processes are gone (a reboot, say); it can only be removed.</summary>
    Failed,
}

/// <summary>What of the network a session sees.</summary>
public enum AgbNetwork
{
    /// <summary>The host's network.</summary>
    Host,

    /// <summary>A loopback device of its own and nothing else.</summary>
    None,
}

/// <summary>A session: one disposable Linux machine, started from an image.</summary>
public sealed record AgbSession : AgbObject
{
    /// <summary>The id.</summary>
    public required string SessionId { get; init; }

    /// <summary>The same as <see cref="SessionId"/>.</summary>
    public string Id => SessionId;

    /// <summary>The image that the session was started from.</summary>
    public required string ImageId { get; init; }

    /// <summary>Where the session stood when the object was made; ask again for the present.</summary>
    public AgbSessionStatus Status { get; init; }

    /// <summary>The labels given at creation.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Indexable.Table(value); } = Indexable.Table(new Dictionary<string, string>());

    /// <summary>The mounted contexts.</summary>
    public IReadOnlyList<AgbContextSync> ContextSyncs { get; init => field = Indexable.List(value); } = Indexable.List<AgbContextSync>([]);

    /// <summary>When the session was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the session ends whatever it does, or null when it has no maximum lifetime.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How long the session may be idle before it is released, or null for ever. A running command is activity.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>What of the network the session sees.</summary>
    public AgbNetwork Network { get; init; }

    /// <summary>What of the host the session may use, as asked for or by the service's defaults.</summary>
    public AgbSessionLimits Limits { get; init; } = AgbSessionLimits.None;

    /// <summary>How each limit holds. Empty while the session is being created, and on services that do not say.</summary>
    public IReadOnlyList<AgbLimitState> LimitStates { get; init => field = Indexable.List(value); } = Indexable.List<AgbLimitState>([]);

    /// <summary>Why the session failed, or when and why it was released; else null.</summary>
    public string? FailureReason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => SessionId;
}

/// <summary>What a new session shall be.</summary>
public sealed record AgbSessionRequest
{
    /// <summary>The image used when none is named.</summary>
    public const string DefaultImageId = "agb-code-space-1";

    /// <summary>The most context mounts that one session may have.</summary>
    public const int MaxContextSyncs = 64;

    /// <summary>The image id.</summary>
    public string ImageId { get; init; } = DefaultImageId;

    /// <summary>The contexts to mount.</summary>
    public IReadOnlyList<AgbContextSync> ContextSyncs { get; init; } = [];

    /// <summary>Labels to find the session by.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>What of the network the session sees.</summary>
    public AgbNetwork Network { get; init; }

    /// <summary>Release the session after it was idle so long; null for never. At least one second.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Release the session when it is so old; null for never. At least one second.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>What of the host the session may use; where it says nothing the service's defaults count, if it has any.</summary>
    public AgbSessionLimits Limits { get; init; } = AgbSessionLimits.None;

    /// <summary>Return as soon as the session is registered; it is then <see cref="AgbSessionStatus.Creating"/>.</summary>
    public bool NoWait { get; init; }
}
