namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.MountContext"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ContextId">The context, by id or name.</param>
/// <param name="Path">The path in the session.</param>
/// <param name="Policy">The sync policy as JSON.</param>
/// <param name="Version">The version; none for the newest.</param>
/// <param name="ReadOnly">Whether the session can't write to it.</param>
/// <param name="SubPath">The mounted path below the context's data.</param>
public sealed record MountContextBody(
    string? SessionId = null, string? ContextId = null, string? Path = null, string? Policy = null, long? Version = null, bool ReadOnly = false, string? SubPath = null)
{
    /// <summary>The body for a request.</summary>
    public static MountContextBody From(string sessionId, AgbMountRequest request) => new(
        sessionId, request.Sync.ContextId, request.Sync.Path, SyncPolicyJson.Write(request.Sync.Policy), request.Version, request.IsReadOnly, request.SubPath);

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
/// <param name="SessionId">The session.</param>
/// <param name="Path">The path of the mount.</param>
/// <param name="ContextId">The context, by id or name.</param>
/// <param name="SyncContext">Upload the changes, regardless of the policy.</param>
/// <param name="DiscardChanges">Upload nothing; stronger than <paramref name="SyncContext"/>.</param>
/// <param name="Force">Go on while programs have files open for writing.</param>
/// <param name="Version">For a switch: the version; none for the newest.</param>
public sealed record MountChangeBody(
    string? SessionId = null, string? Path = null, string? ContextId = null, bool SyncContext = false, bool DiscardChanges = false, bool Force = false,
    long? Version = null)
{
    /// <summary>The body for a request.</summary>
    public static MountChangeBody From(string sessionId, AgbMountChange request) => new(
        sessionId, request.Path, request.ContextId, request.Changes == AgbReleaseMode.Upload, request.Changes == AgbReleaseMode.Discard, request.Force, request.Version);

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
/// <param name="SessionId">The session.</param>
/// <param name="ContextId">The context's id.</param>
/// <param name="Path">The path in the session.</param>
/// <param name="OriginPath">The path in the context.</param>
/// <param name="Version">The version at the time of mounting.</param>
/// <param name="IsReadOnly">Whether the session can't write to it.</param>
/// <param name="Policy">The sync policy as JSON.</param>
public sealed record MountDetail(
    string SessionId, string ContextId, string Path, string OriginPath, long? Version = null, bool IsReadOnly = false, string? Policy = null)
{
    /// <summary>The message for a mount.</summary>
    public static MountDetail From(AgbMount mount) => new(
        mount.SessionId, mount.ContextId, mount.Path, mount.OriginPath, mount.Version, mount.IsReadOnly, SyncPolicyJson.Write(mount.Policy));

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
