namespace Agb.Protocol;

/// <summary>The body of createSession. All is optional.</summary>
public sealed record CreateSessionBody
{
    /// <summary>The labels: a JSON object in a string.</summary>
    public string? Labels { get; init; }

    /// <summary>A policy of the cloud's console; ignored by our servers.</summary>
    public string? McpPolicyId { get; init; }

    /// <summary>Idle time before the release, in seconds; 0 is the service's default.</summary>
    public double? Timeout { get; init; }

    /// <summary>The contexts to mount.</summary>
    public IReadOnlyList<PersistenceData>? PersistenceDataList { get; init; }

    /// <summary>Additional values for an Agb server. They replace <see cref="Timeout"/>.</summary>
    public CreateSessionExtension? Agb { get; init; }
}

/// <summary>The values of a session request missing in the AGB API.</summary>
public sealed record CreateSessionExtension
{
    /// <summary>The network access.</summary>
    public AgbNetwork Network { get; init; }

    /// <summary>The idle time before the release; none is never.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The age for the release; none is never.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>Answer as soon as the session is registered.</summary>
    public bool NoWait { get; init; }

    /// <summary>Limits on host resources; unset ones take the server's defaults.</summary>
    public AgbSessionLimits? Limits { get; init; }
}

/// <summary>A context to mount.</summary>
public sealed record PersistenceData
{
    /// <summary>The context's id; our servers also take its name.</summary>
    public string? ContextId { get; init; }

    /// <summary>The path in the session.</summary>
    public string? Path { get; init; }

    /// <summary>The sync policy: a JSON object in a string, see <see cref="SyncPolicyJson"/>.</summary>
    public string? Policy { get; init; }
}

/// <summary>A body with a session's id only.</summary>
public sealed record SessionIdBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }
}

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
public sealed record SessionStatusData
{
    /// <summary>One of <see cref="WireSessionStatus"/>.</summary>
    public string? Status { get; init; }
}

/// <summary>One session of a list.</summary>
public sealed record SessionSummary
{
    /// <summary>The session's id.</summary>
    public string? SessionId { get; init; }

    /// <summary>One of <see cref="WireSessionStatus"/>.</summary>
    public string? SessionStatus { get; init; }
}

/// <summary>The answer of GetLabel.</summary>
public sealed record LabelData
{
    /// <summary>The labels: a JSON object in a string.</summary>
    public string? Labels { get; init; }
}

/// <summary>An address.</summary>
public sealed record UrlData
{
    /// <summary>The address.</summary>
    public string? Url { get; init; }
}

/// <summary>The answer of browser/init.</summary>
public sealed record BrowserInitData
{
    /// <summary>The browser's port in the session.</summary>
    public int? Port { get; init; }
}

/// <summary>The answer of getMcpResource.</summary>
public sealed record McpResourceData
{
    /// <summary>The session's id.</summary>
    public string? SessionId { get; init; }

    /// <summary>An address for people.</summary>
    public string? ResourceUrl { get; init; }
}

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
        _ => AgbSessionStatus.Running,
    };
}
