namespace Agb.Protocol;

/// <summary>The body of createSession. All is optional.</summary>
public sealed record CreateSessionBody
{
    /// <summary>The labels: a JSON object in a string.</summary>
    public string? Labels { get; init; }

    /// <summary>A policy of the cloud's console; servers of ours ignore it.</summary>
    public string? McpPolicyId { get; init; }

    /// <summary>Release the session after so many idle seconds; 0 is the service's default.</summary>
    public double? Timeout { get; init; }

    /// <summary>The contexts to mount.</summary>
    public IReadOnlyList<PersistenceData>? PersistenceDataList { get; init; }

    /// <summary>What an Agb server understands beside it. Where it is given, <see cref="Timeout"/> is not looked at.</summary>
    public CreateSessionExtension? Agb { get; init; }
}

/// <summary>What a request for a session has that the AGB API has no words for.</summary>
public sealed record CreateSessionExtension
{
    /// <summary>What of the network the session sees.</summary>
    public AgbNetwork Network { get; init; }

    /// <summary>The idle time after which it is released; none is never.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The age at which it is released; none is never.</summary>
    public TimeSpan? MaxLifetime { get; init; }

    /// <summary>Answer as soon as the session is registered.</summary>
    public bool NoWait { get; init; }

    /// <summary>What of the host it may use; where it says nothing the server's defaults count.</summary>
    public SessionLimitsDetail? Limits { get; init; }
}

/// <summary>A context to mount.</summary>
public sealed record PersistenceData
{
    /// <summary>The context's id; servers of ours take its name too.</summary>
    public string? ContextId { get; init; }

    /// <summary>The path in the session.</summary>
    public string? Path { get; init; }

    /// <summary>The sync policy: a JSON object in a string, see <see cref="SyncPolicyJson"/>.</summary>
    public string? Policy { get; init; }
}

/// <summary>A body that names a session and nothing else.</summary>
public sealed record SessionIdBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }
}

/// <summary>What createSession and getSession answer.</summary>
public sealed record SessionData
{
    /// <summary>The session's id.</summary>
    public string? SessionId { get; init; }

    /// <summary>False when the creation failed; the reason is <see cref="ErrMsg"/>.</summary>
    public bool? Success { get; init; }

    /// <summary>Why the creation failed.</summary>
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

    /// <summary>All of the session; only from an Agb server.</summary>
    public SessionDetail? Session { get; init; }
}

/// <summary>What getSessionInfo answers.</summary>
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

/// <summary>What GetLabel answers.</summary>
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

/// <summary>What browser/init answers.</summary>
public sealed record BrowserInitData
{
    /// <summary>The browser's port in the session.</summary>
    public int? Port { get; init; }
}

/// <summary>What getMcpResource answers.</summary>
public sealed record McpResourceData
{
    /// <summary>The session's id.</summary>
    public string? SessionId { get; init; }

    /// <summary>An address for people.</summary>
    public string? ResourceUrl { get; init; }
}

/// <summary>The words for a session's status on the wire. Only <see cref="Finished"/> has a meaning to the official clients.</summary>
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

    /// <summary>The status of a word. The cloud has words that nobody has written down; each means a running session.</summary>
    public static AgbSessionStatus To(string? word) => word?.ToUpperInvariant() switch
    {
        "CREATING" or "PENDING" => AgbSessionStatus.Creating,
        "DELETING" or "RELEASING" => AgbSessionStatus.Releasing,
        Finished or "DELETED" or "RELEASED" => AgbSessionStatus.Released,
        "FAILED" => AgbSessionStatus.Failed,
        _ => AgbSessionStatus.Running,
    };
}
