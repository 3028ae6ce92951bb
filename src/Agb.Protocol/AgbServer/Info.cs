namespace Agb.Protocol;

/// <summary>Identity and limits of an Agb server.</summary>
public sealed record AgbInfo
{
    /// <summary>The product name of our servers.</summary>
    public const string ServerProduct = "Agb.Server";

    /// <summary>This library's version of the extension endpoints.</summary>
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
    /// <summary>The maximum size of a request's body in bytes, except for file uploads.</summary>
    public long MaxRequestBytes { get; init; }

    /// <summary>The maximum size of one uploaded file in bytes; null for no limit.</summary>
    public long? MaxUploadBytes { get; init; }

    /// <summary>The average requests per second of one owner; null for no limit.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>The maximum number of sessions per owner; null for no such limit.</summary>
    public int? MaxSessionsPerOwner { get; init; }

    /// <summary>The maximum number of parallel calls per owner; null for no such limit.</summary>
    public int? MaxCallsPerOwner { get; init; }

    /// <summary>The lifetime of a presigned URL.</summary>
    public TimeSpan PresignedUrlLifetime { get; init; }

    /// <summary>The default idle time before a session is released; null for never.</summary>
    public TimeSpan? DefaultIdleTimeout { get; init; }

    /// <summary>The default limits of a session; null from a server without session limits.</summary>
    public AgbSessionLimits? DefaultSessionLimits { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.CancelCall"/>.</summary>
public sealed record CancelCallBody
{
    /// <summary>The call's request id, from its header <see cref="WireHeaders.RequestId"/>.</summary>
    public string? RequestId { get; init; }
}

/// <summary>A body without members.</summary>
public sealed record EmptyBody;
