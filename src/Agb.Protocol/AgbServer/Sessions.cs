using System.Text.Json.Serialization;

namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.ListSessions"/>.</summary>
public sealed record ListSessionsBody
{
    /// <summary>Only sessions with all these labels; none for all sessions.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>List recently released sessions only.</summary>
    public bool Released { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.WaitSession"/>.</summary>
public sealed record WaitSessionBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The maximum wait.</summary>
    public TimeSpan Timeout { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.ReleaseSession"/>.</summary>
public sealed record ReleaseSessionBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Upload every mount, regardless of its auto-upload.</summary>
    public bool SyncContext { get; init; }

    /// <summary>Upload nothing; stronger than <see cref="SyncContext"/>.</summary>
    public bool DiscardChanges { get; init; }

    /// <summary>Both switches as one mode.</summary>
    [JsonIgnore]
    public AgbReleaseMode Mode => DiscardChanges ? AgbReleaseMode.Discard : SyncContext ? AgbReleaseMode.Upload : AgbReleaseMode.Policy;
}

/// <summary>The body of <see cref="AgbServerRoutes.SetLabels"/>.</summary>
public sealed record SetLabelsBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The complete new labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>The body of <see cref="AgbServerRoutes.GetSessionLink"/>.</summary>
public sealed record SessionLinkBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>The port, 1 to 65535.</summary>
    public int Port { get; init; }

    /// <summary><c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c>. The server decides about encryption.</summary>
    public string? Scheme { get; init; }
}
