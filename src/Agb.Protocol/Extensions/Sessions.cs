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

    /// <summary>The idle time before the release.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The network access.</summary>
    public AgbNetwork Network { get; init; }

    /// <summary>The limits on host resources.</summary>
    public SessionLimitsDetail? Limits { get; init; }

    /// <summary>The enforcement of each limit.</summary>
    public IReadOnlyList<LimitStateDetail>? LimitStates { get; init; }

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
        Network = session.Network,
        Limits = session.Limits == AgbSessionLimits.None ? null : SessionLimitsDetail.From(session.Limits),
        LimitStates = session.LimitStates.Count == 0 ? null : [.. session.LimitStates.Select(LimitStateDetail.From)],
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
        Network = Network,
        Limits = Limits?.ToLimits() ?? AgbSessionLimits.None,
        LimitStates = [.. (LimitStates ?? []).Select(s => s.ToState())],
        FailureReason = FailureReason,
    };
}

/// <summary>Context syncs as entries of persistenceDataList.</summary>
public static class ContextSyncWire
{
    /// <summary>The entry for a context sync.</summary>
    public static PersistenceData From(AgbContextSync sync) =>
        new() { ContextId = sync.ContextId, Path = sync.Path, Policy = SyncPolicyJson.Write(sync.Policy) };

    /// <summary>The context sync of an entry.</summary>
    /// <exception cref="AgbException">InvalidRequest for an entry without context or path; InvalidPolicy.</exception>
    public static AgbContextSync To(PersistenceData entry) => new()
    {
        ContextId = entry?.ContextId is { Length: > 0 } id ? id : throw Missing("contextId"),
        Path = entry.Path is { Length: > 0 } path ? path : throw Missing("path"),
        Policy = SyncPolicyJson.Read(entry.Policy),
    };

    private static AgbException Missing(string member) => AgbErrors.Invalid(
        AgbErrorIds.InvalidRequest, $"An entry of persistenceDataList has no {member}.", "Give each entry contextId and path.", member);
}

/// <summary>The body of <see cref="AgbExtensionRoutes.ListSessions"/>.</summary>
public sealed record ListSessionsBody
{
    /// <summary>Only sessions with all these labels; none for all sessions.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>List recently released sessions only.</summary>
    public bool Released { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.WaitSession"/>.</summary>
public sealed record WaitSessionBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The maximum wait.</summary>
    public TimeSpan Timeout { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.ReleaseSession"/>.</summary>
public sealed record ReleaseSessionBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Upload every mount, regardless of its auto-upload.</summary>
    public bool SyncContext { get; init; }

    /// <summary>Upload nothing.</summary>
    public bool DiscardChanges { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.SetLabels"/>.</summary>
public sealed record SetLabelsBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The complete new labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.GetSessionLink"/>.</summary>
public sealed record SessionLinkBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The port, 1 to 65535.</summary>
    public int Port { get; init; }

    /// <summary><c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c>. The server decides about encryption.</summary>
    public string? Scheme { get; init; }
}

/// <summary>An image.</summary>
public sealed record ImageDetail
{
    /// <summary>The id.</summary>
    public required string ImageId { get; init; }

    /// <summary>The directory on the server with the sessions' system.</summary>
    public string? Root { get; init; }

    /// <summary>The home directory of the session's user.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>The purpose.</summary>
    public string? Description { get; init; }

    /// <summary>Environment variables of every command.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>The message for an image.</summary>
    public static ImageDetail From(AgbImage image) => new()
    {
        ImageId = image.ImageId,
        Root = image.Root,
        HomeDirectory = image.HomeDirectory,
        Description = image.Description,
        Environment = image.Environment,
    };

    /// <summary>The image of a message.</summary>
    public AgbImage ToImage() => new()
    {
        ImageId = ImageId,
        Root = Root ?? "/",
        HomeDirectory = HomeDirectory,
        Description = Description,
        Environment = Environment ?? new Dictionary<string, string>(),
    };
}
