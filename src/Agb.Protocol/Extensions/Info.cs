namespace Agb.Protocol;

/// <summary>What an Agb server is and allows.</summary>
public sealed record AgbInfo
{
    /// <summary>The product of servers of ours.</summary>
    public const string ServerProduct = "Agb.Server";

    /// <summary>The version of the extension endpoints that this library speaks.</summary>
    public const int CurrentProtocol = 1;

    /// <summary>The product, <see cref="ServerProduct"/>.</summary>
    public string? Product { get; init; }

    /// <summary>The server's version.</summary>
    public string? Version { get; init; }

    /// <summary>The version of the extension endpoints.</summary>
    public int Protocol { get; init; }

    /// <summary>Its limits.</summary>
    public AgbLimits? Limits { get; init; }
}

/// <summary>The limits of a server.</summary>
public sealed record AgbLimits
{
    /// <summary>The most bytes of a request's body, but for uploads of files.</summary>
    public long MaxRequestBytes { get; init; }

    /// <summary>The most bytes of one uploaded file; null for no limit.</summary>
    public long? MaxUploadBytes { get; init; }

    /// <summary>The requests a second that one owner may make on average; null for no limit.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>The most sessions that one owner may have at a time; null for no limit of its own.</summary>
    public int? MaxSessionsPerOwner { get; init; }

    /// <summary>The most calls of one owner that run at a time; null for no limit of its own.</summary>
    public int? MaxCallsPerOwner { get; init; }

    /// <summary>How long a presigned URL is good for.</summary>
    public TimeSpan PresignedUrlLifetime { get; init; }

    /// <summary>The idle time after which sessions are released that ask for none; null for never.</summary>
    public TimeSpan? DefaultIdleTimeout { get; init; }

    /// <summary>The limits of sessions that ask for none; null of a server that knows no limits of sessions.</summary>
    public SessionLimitsDetail? DefaultSessionLimits { get; init; }
}

/// <summary>The body of <see cref="AgbExtensionRoutes.CancelCall"/>.</summary>
public sealed record CancelCallBody
{
    /// <summary>What the call's own request had in its header <see cref="WireHeaders.RequestId"/>.</summary>
    public string? RequestId { get; init; }
}

/// <summary>A body without members.</summary>
public sealed record EmptyBody;
