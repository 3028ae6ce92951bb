namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.MountContext"/>.</summary>
public sealed record MountContextBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The context, by id or name.</summary>
    public string? ContextId { get; init; }

    /// <summary>The path in the session.</summary>
    public string? Path { get; init; }

    /// <summary>The sync policy as JSON.</summary>
    public string? Policy { get; init; }

    /// <summary>The version; none for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>Whether the session can't write to it.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The mounted path below the context's data.</summary>
    public string? SubPath { get; init; }

    /// <summary>The body for a request.</summary>
    public static MountContextBody From(string sessionId, AgbMountRequest request) => new()
    {
        SessionId = sessionId,
        ContextId = request.Sync.ContextId,
        Path = request.Sync.Path,
        Policy = SyncPolicyJson.Write(request.Sync.Policy),
        Version = request.Version,
        ReadOnly = request.IsReadOnly,
        SubPath = request.SubPath,
    };

    /// <summary>The request of a body.</summary>
    /// <exception cref="AgbException">InvalidRequest without context or path; InvalidPolicy.</exception>
    public AgbMountRequest ToRequest() => new()
    {
        Sync = ContextSyncWire.To(new PersistenceData { ContextId = ContextId, Path = Path, Policy = Policy }),
        Version = Version,
        IsReadOnly = ReadOnly,
        SubPath = SubPath,
    };
}

/// <summary>The body of <see cref="AgbServerRoutes.DismountContext"/> and <see cref="AgbServerRoutes.SwitchContext"/>.</summary>
public sealed record MountChangeBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The path of the mount.</summary>
    public string? Path { get; init; }

    /// <summary>The context, by id or name.</summary>
    public string? ContextId { get; init; }

    /// <summary>Upload the changes, regardless of the policy.</summary>
    public bool SyncContext { get; init; }

    /// <summary>Upload nothing; stronger than <see cref="SyncContext"/>.</summary>
    public bool DiscardChanges { get; init; }

    /// <summary>Go on while programs have files open for writing.</summary>
    public bool Force { get; init; }

    /// <summary>For a switch: the version; none for the newest.</summary>
    public long? Version { get; init; }

    /// <summary>The body for a request.</summary>
    public static MountChangeBody From(string sessionId, AgbMountChange request) => new()
    {
        SessionId = sessionId,
        Path = request.Path,
        ContextId = request.ContextId,
        SyncContext = request.Changes == AgbReleaseMode.Upload,
        DiscardChanges = request.Changes == AgbReleaseMode.Discard,
        Force = request.Force,
        Version = request.Version,
    };

    /// <summary>The request of a body.</summary>
    public AgbMountChange ToRequest() => new()
    {
        Path = Path,
        ContextId = ContextId,
        Changes = DiscardChanges ? AgbReleaseMode.Discard : SyncContext ? AgbReleaseMode.Upload : AgbReleaseMode.Policy,
        Force = Force,
        Version = Version,
    };
}

/// <summary>A context in a session.</summary>
public sealed record MountDetail
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The context's id.</summary>
    public required string ContextId { get; init; }

    /// <summary>The path in the session.</summary>
    public required string Path { get; init; }

    /// <summary>The path in the context.</summary>
    public required string OriginPath { get; init; }

    /// <summary>The version at the time of mounting.</summary>
    public long? Version { get; init; }

    /// <summary>Whether the session can't write to it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The sync policy as JSON.</summary>
    public string? Policy { get; init; }

    /// <summary>The message for a mount.</summary>
    public static MountDetail From(AgbMount mount) => new()
    {
        SessionId = mount.SessionId,
        ContextId = mount.ContextId,
        Path = mount.Path,
        OriginPath = mount.OriginPath,
        Version = mount.Version,
        IsReadOnly = mount.IsReadOnly,
        Policy = SyncPolicyJson.Write(mount.Policy),
    };

    /// <summary>The mount of a message.</summary>
    /// <exception cref="AgbException">InvalidPolicy.</exception>
    public AgbMount ToMount(IAgbService? service) => new()
    {
        Service = service,
        SessionId = SessionId,
        ContextId = ContextId,
        Path = Path,
        OriginPath = OriginPath,
        Version = Version,
        IsReadOnly = IsReadOnly,
        Policy = SyncPolicyJson.Read(Policy),
    };
}
