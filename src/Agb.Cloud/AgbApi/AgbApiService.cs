using Agb.Protocol;

namespace Agb.Cloud;

/// <summary>A service with the plain AGB API, such as the AGB cloud. Operations missing in that API are NotSupported.</summary>
internal sealed partial class AgbApiService : IAgbService
{
    private const string PageSize = "50";

    private readonly ApiClient _api;
    private readonly IAgbService _owner;
    private readonly SessionCalls _sessions;
    private readonly ToolCalls _tools;
    private readonly SyncCalls _syncs;
    private readonly ContextFileCalls _files;

    internal AgbApiService(ApiClient api, IAgbService owner)
    {
        _api = api;
        _owner = owner;
        _sessions = new SessionCalls(api, owner);
        _tools = new ToolCalls(api, _sessions);
        _syncs = new SyncCalls(api, owner, _sessions);
        _files = new ContextFileCalls(api, owner);
    }

    public string Name => _api.Name;

    public ValueTask<AgbCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken = default) => new(AgbCapabilities.None);

    public IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) =>
        throw NotSupported("listing released sessions");

    public Task<IReadOnlyList<AgbSyncPlanItem>> PlanSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        Task.FromException<IReadOnlyList<AgbSyncPlanItem>>(NotSupported("plans of a sync"));

    public Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default) =>
        Task.FromException<IReadOnlyList<AgbImage>>(NotSupported("a list of its images"));

    public async Task<AgbSession> GetSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        await _sessions.ReadAsync(sessionId, cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var filter = TextMap.Write(labels ?? new Dictionary<string, string>());
        await foreach (var page in Pages.ReadAsync(
            token => ApiCall.Get(AgbRoutes.ListSession, ("maxResults", PageSize), ("nextToken", token), ("labels", filter)),
            _api, WireJson.Default.IReadOnlyListSessionSummary, cancellationToken).ConfigureAwait(false))
        {
            var live = page.Where(s => s.SessionId is { Length: > 0 } && WireSessionStatus.To(s.SessionStatus) != AgbSessionStatus.Released);
            // The list has no labels, so they are requested for each session, in parallel within a page.
            foreach (var session in await Task.WhenAll(live.Select(s => WithLabelsAsync(s, cancellationToken))).ConfigureAwait(false))
            {
                if (session is not null)
                {
                    yield return session;
                }
            }
        }
    }

    public Task<AgbSession> WaitSessionAsync(SessionId sessionId, TimeSpan timeout, CancellationToken cancellationToken = default) => AdaptivePoll.UntilAsync(
        _api.Time,
        token => _sessions.ReadAsync(sessionId, token),
        session => session.Status != AgbSessionStatus.Creating,
        timeout,
        () => CloudErrors.WaitOver($"The creation of the session '{sessionId}'", timeout, AgbAdvice.WaitForSession, sessionId),
        cancellationToken);

    public async Task<AgbSession> SetSessionLabelsAsync(
        SessionId sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        await QueryAsync(sessionId, AgbRoutes.SetLabel, cancellationToken, ("Labels", TextMap.Write(labels))).ConfigureAwait(false);
        return await _sessions.ReadAsync(sessionId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<AgbSession> KeepSessionAliveAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        await QueryAsync(sessionId, AgbRoutes.RefreshSessionIdleTime, cancellationToken).ConfigureAwait(false);
        return await _sessions.ReadAsync(sessionId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<Uri> GetSessionLinkAsync(
        SessionId sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default)
    {
        var portText = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var reply = await PlainErrors.OfSessionAsync(sessionId, () => _api.CallAsync(
            ApiCall.Get(AgbRoutes.GetLink, ("sessionId", sessionId), ("protocolType", scheme), ("port", portText)), cancellationToken)).ConfigureAwait(false);
        return Uri.TryCreate(reply.RequireData(WireJson.Default.UrlData).Url, UriKind.Absolute, out var link)
            ? link
            : throw CloudErrors.Unreadable("the link is no address", reply.RequestId, reply.Status);
    }

    // Setting labels and keeping alive are idempotent.
    private Task<ApiReply> QueryAsync(
        SessionId sessionId, string path, CancellationToken cancellationToken, params (string Name, string? Value)[] more) =>
        PlainErrors.OfSessionAsync(
            sessionId, () => _api.CallAsync(ApiCall.PostQuery(path, Repeat.Always, [("sessionId", sessionId), .. more]), cancellationToken));

    private async Task<AgbSession?> WithLabelsAsync(SessionSummary summary, CancellationToken cancellationToken)
    {
        try
        {
            var labels = await _sessions.LabelsAsync(summary.SessionId!, cancellationToken).ConfigureAwait(false);
            return _sessions.ToSession(summary.SessionId!, WireSessionStatus.To(summary.SessionStatus), labels);
        }
        catch (AgbServiceException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired)
        {
            // The session was released after the listing.
            return null;
        }
    }

    private AgbException NotSupported(string what) => AgbErrors.NotSupported(Name, what);
}
