namespace Agb.Protocol;

/// <summary>A full session.</summary>
public sealed record SessionDetail
{
    /// <summary>The id.</summary>
    public required string SessionId { get; init; }

    /// <summary>The image.</summary>
    public required string ImageId { get; init; }

    /// <summary>The status.</summary>
    public AgbSessionStatus Status { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The mounted contexts.</summary>
    public IReadOnlyList<PersistenceData>? ContextSyncs { get; init; }

    /// <summary>The creation time.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The end of the maximum lifetime.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The idle time before the idle action.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The action at the end of the idle time; none is the release.</summary>
    public AgbIdleAction? IdleAction { get; init; }

    /// <summary>The network access.</summary>
    public AgbNetwork Network { get; init; }

    /// <summary>The limits on host resources.</summary>
    public AgbSessionLimits? Limits { get; init; }

    /// <summary>The enforcement of each limit.</summary>
    public IReadOnlyList<AgbLimitState>? LimitStates { get; init; }

    /// <summary>The session copied by this one.</summary>
    public string? ForkedFrom { get; init; }

    /// <summary>The reason of the failure.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The message for a session.</summary>
    public static SessionDetail From(AgbSession session) => new()
    {
        SessionId = session.SessionId,
        ImageId = session.ImageId,
        Status = session.Status,
        Labels = session.Labels,
        ContextSyncs = [.. session.ContextSyncs.Select(ContextSyncWire.From)],
        CreatedAt = session.CreatedAt,
        ExpiresAt = session.ExpiresAt,
        IdleTimeout = session.IdleTimeout,
        IdleAction = session.IdleAction == AgbIdleAction.Release ? null : session.IdleAction,
        Network = session.Network,
        Limits = session.Limits == AgbSessionLimits.None ? null : session.Limits,
        LimitStates = session.LimitStates.Count == 0 ? null : session.LimitStates,
        ForkedFrom = session.ForkedFrom,
        FailureReason = session.FailureReason,
    };

    /// <summary>The session of a message.</summary>
    /// <exception cref="AgbException">InvalidPolicy.</exception>
    public AgbSession ToSession(IAgbService? service) => new()
    {
        Service = service,
        SessionId = SessionId,
        ImageId = ImageId,
        Status = Status,
        Labels = Labels ?? new Dictionary<string, string>(),
        ContextSyncs = [.. (ContextSyncs ?? []).Select(ContextSyncWire.To)],
        CreatedAt = CreatedAt,
        ExpiresAt = ExpiresAt,
        IdleTimeout = IdleTimeout,
        IdleAction = IdleAction ?? AgbIdleAction.Release,
        Network = Network,
        Limits = Limits ?? AgbSessionLimits.None,
        LimitStates = LimitStates ?? [],
        ForkedFrom = ForkedFrom,
        FailureReason = FailureReason,
    };
}
