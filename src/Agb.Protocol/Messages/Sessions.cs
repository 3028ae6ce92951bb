namespace Agb.Protocol;

/// <summary>The body of createSession. All is optional.</summary>
/// <param name="Labels">The labels: a JSON object in a string.</param>
/// <param name="McpPolicyId">A policy of the cloud's console; ignored by our servers.</param>
/// <param name="Timeout">Idle time before the release, in seconds; 0 is the service's default.</param>
/// <param name="PersistenceDataList">The contexts to mount.</param>
/// <param name="Agb">Additional values for an Agb server. They replace <see cref="Timeout"/>.</param>
public sealed record CreateSessionBody(
    string? Labels = null, string? McpPolicyId = null, double? Timeout = null, IReadOnlyList<PersistenceData>? PersistenceDataList = null,
    CreateSessionExtension? Agb = null);

/// <summary>The values of a session request missing in the AGB API.</summary>
/// <param name="Network">The network access.</param>
/// <param name="IdleTimeout">The idle time before the idle action; none is never.</param>
/// <param name="MaxLifetime">The age for the release; none is never.</param>
/// <param name="NoWait">Answer as soon as the session is registered.</param>
/// <param name="Limits">Limits on host resources; unset ones take the server's defaults.</param>
/// <param name="IdleAction">The action at the end of the idle time; none is the release.</param>
public sealed record CreateSessionExtension(
    AgbNetwork? Network = null, TimeSpan? IdleTimeout = null, TimeSpan? MaxLifetime = null, bool NoWait = false, AgbSessionLimits? Limits = null,
    AgbIdleAction? IdleAction = null);

/// <summary>A context to mount.</summary>
/// <param name="ContextId">The context's id; our servers also take its name.</param>
/// <param name="Path">The path in the session.</param>
/// <param name="Policy">The sync policy: a JSON object in a string, see <see cref="SyncPolicyJson"/>.</param>
public sealed record PersistenceData(string? ContextId = null, string? Path = null, string? Policy = null);

/// <summary>A body with a session's id only.</summary>
/// <param name="SessionId">The session.</param>
public sealed record SessionIdBody(string? SessionId = null);

/// <summary>The answer of createSession and getSession.</summary>
public sealed record SessionData
{
    /// <summary>The session's id.</summary>
    public string? SessionId { get; init; }

    /// <summary>False after a failed creation, with the reason in <see cref="ErrMsg"/>.</summary>
    public bool? Success { get; init; }

    /// <summary>The reason of the failed creation.</summary>
    public string? ErrMsg { get; init; }

    /// <summary>An address for people.</summary>
    public string? ResourceUrl { get; init; }

    /// <summary>An opaque id.</summary>
    public string? AppInstanceId { get; init; }

    /// <summary>An opaque id.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The status of getSession's answer.</summary>
    public string? Status { get; init; }

    /// <summary>The base of the link route.</summary>
    public string? LinkUrl { get; init; }

    /// <summary>The WebSocket for code with streamed output.</summary>
    public string? WsUrl { get; init; }

    /// <summary>The secret of the link route and the WebSocket.</summary>
    public string? Token { get; init; }

    /// <summary>The tools of the link route: a JSON array in a string, see <see cref="ToolListJson"/>.</summary>
    public string? ToolList { get; init; }

    /// <summary>The full session; only from an Agb server.</summary>
    public SessionDetail? Session { get; init; }
}

/// <summary>The answer of getSessionInfo.</summary>
/// <param name="Status">One of <see cref="WireSessionStatus"/>.</param>
public sealed record SessionStatusData(string? Status = null);

/// <summary>One session of a list.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="SessionStatus">One of <see cref="WireSessionStatus"/>.</param>
public sealed record SessionSummary(string? SessionId = null, string? SessionStatus = null);

/// <summary>The answer of GetLabel.</summary>
/// <param name="Labels">The labels: a JSON object in a string.</param>
public sealed record LabelData(string? Labels = null);

/// <summary>An address.</summary>
/// <param name="Url">The address.</param>
public sealed record UrlData(string? Url = null);

/// <summary>The answer of browser/init.</summary>
/// <param name="Port">The browser's port in the session.</param>
/// <param name="Version">Its name and version, from an Agb server.</param>
/// <param name="Extensions">The loaded extensions, from an Agb server.</param>
public sealed record BrowserInitData(int? Port = null, string? Version = null, IReadOnlyList<string>? Extensions = null);

/// <summary>The answer of getCdpLink.</summary>
/// <param name="Url">The address for CDP clients, complete.</param>
/// <param name="Version">The browser's name and version, from an Agb server.</param>
/// <param name="Extensions">The loaded extensions, from an Agb server.</param>
public sealed record CdpLinkData(string? Url = null, string? Version = null, IReadOnlyList<string>? Extensions = null);

/// <summary>The answer of getMcpResource.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="ResourceUrl">An address for people.</param>
public sealed record McpResourceData(string? SessionId = null, string? ResourceUrl = null);

/// <summary>The words for a session's status on the wire. Official clients only interpret <see cref="Finished"/>.</summary>
public static class WireSessionStatus
{
    /// <summary>The session is gone.</summary>
    public const string Finished = "FINISH";

    /// <summary>The word for a status.</summary>
    public static string From(AgbSessionStatus status) => status switch
    {
        AgbSessionStatus.Creating => "CREATING",
        AgbSessionStatus.Running => "RUNNING",
        AgbSessionStatus.Suspended => "PAUSED",
        AgbSessionStatus.Releasing => "DELETING",
        AgbSessionStatus.Released => Finished,
        _ => "FAILED",
    };

    /// <summary>The status of a word. Undocumented words of the cloud mean a running session.</summary>
    public static AgbSessionStatus To(string? word) => word?.ToUpperInvariant() switch
    {
        "CREATING" or "PENDING" => AgbSessionStatus.Creating,
        "DELETING" or "RELEASING" => AgbSessionStatus.Releasing,
        Finished or "DELETED" or "RELEASED" => AgbSessionStatus.Released,
        "FAILED" => AgbSessionStatus.Failed,
        "PAUSED" or "PAUSING" => AgbSessionStatus.Suspended,
        _ => AgbSessionStatus.Running,
    };
}
