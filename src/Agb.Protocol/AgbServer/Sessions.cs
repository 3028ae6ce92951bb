namespace Agb.Protocol;

/// <summary>The body of <see cref="AgbServerRoutes.ListSessions"/>.</summary>
/// <param name="Labels">Only sessions with all these labels; none for all sessions.</param>
/// <param name="Released">List recently released sessions only.</param>
public sealed record ListSessionsBody(IReadOnlyDictionary<string, string>? Labels = null, bool Released = false);

/// <summary>The body of <see cref="AgbServerRoutes.WaitSession"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Timeout">The maximum wait.</param>
public sealed record WaitSessionBody(string? SessionId = null, TimeSpan Timeout = default);

/// <summary>The body of <see cref="AgbServerRoutes.ReleaseSession"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="SyncContext">Upload every mount, regardless of its auto-upload.</param>
/// <param name="DiscardChanges">Upload nothing; stronger than <paramref name="SyncContext"/>.</param>
public sealed record ReleaseSessionBody(string? SessionId = null, bool SyncContext = false, bool DiscardChanges = false)
{
    /// <summary>Both switches as one mode.</summary>
    [JsonIgnore]
    public AgbReleaseMode Mode => DiscardChanges ? AgbReleaseMode.Discard : SyncContext ? AgbReleaseMode.Upload : AgbReleaseMode.Policy;
}

/// <summary>The body of <see cref="AgbServerRoutes.ForkSession"/>.</summary>
/// <param name="SessionId">The session to copy.</param>
/// <param name="Count">The number of forks.</param>
public sealed record ForkSessionBody(string? SessionId = null, int Count = 1);

/// <summary>The body of <see cref="AgbServerRoutes.SetLabels"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Labels">The complete new labels.</param>
public sealed record SetLabelsBody(string? SessionId = null, IReadOnlyDictionary<string, string>? Labels = null);

/// <summary>The body of <see cref="AgbServerRoutes.GetSessionLink"/>.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Port">The port, 1 to 65535.</param>
/// <param name="Scheme"><c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c>. The server decides about encryption.</param>
public sealed record SessionLinkBody(string? SessionId = null, int Port = 0, string? Scheme = null);

/// <summary>The body of getDesktopView.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ViewOnly">Without mouse and keyboard.</param>
public sealed record DesktopViewBody(string? SessionId = null, bool ViewOnly = false);
