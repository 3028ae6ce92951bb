namespace Agb.Protocol;

/// <summary>Identity and limits of an Agb server.</summary>
/// <param name="Product">The product, <see cref="ServerProduct"/>.</param>
/// <param name="Version">The server's version.</param>
/// <param name="Protocol">The version of the extension endpoints.</param>
/// <param name="Limits">Its limits.</param>
public sealed record AgbInfo(string? Product = null, string? Version = null, int Protocol = 0, AgbLimits? Limits = null)
{
    /// <summary>The product name of our servers.</summary>
    public const string ServerProduct = "Agb.Server";

    /// <summary>This library's version of the extension endpoints.</summary>
    public const int CurrentProtocol = 1;

    /// <summary>Whether sessions can be suspended; not on older servers.</summary>
    public bool CanSuspend { get; init; }
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
/// <param name="RequestId">The call's request id, from its header <see cref="WireHeaders.RequestId"/>.</param>
public sealed record CancelCallBody(string? RequestId = null);

/// <summary>A body without members.</summary>
public sealed record EmptyBody;
