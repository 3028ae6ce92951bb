namespace Agb.Cloud;

/// <summary>An Agb server over its extension endpoints, with the full contract.</summary>
/// <param name="api">The server.</param>
/// <param name="owner">The service of the returned objects.</param>
/// <param name="info">The server's self-description.</param>
internal sealed partial class AgbServerService(ApiClient api, IAgbService owner, AgbInfo info)
    : IAgbService, ITerminalService, ISessionSleepService, ISessionMountService, ISessionForkService
{
    private readonly StreamCalls _streams = new(api);
    private readonly StartedSyncs _syncs = new(api);

    public string Name => api.Name;

    public ValueTask<AgbCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken = default) =>
        new(info.CanSuspend ? AgbCapabilities.All : AgbCapabilities.All & ~AgbCapabilities.SessionSleep);

    public async Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default)
    {
        var images = await CallAsync(
            ApiCall.Post(AgbServerRoutes.ListImages, new EmptyBody(), WireJson.Default.EmptyBody, Repeat.Always),
            WireJson.Default.IReadOnlyListAgbImage, cancellationToken).ConfigureAwait(false);
        return images;
    }

    public async Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default)
    {
        // An older server without limits would ignore them silently.
        if (request.Limits != AgbSessionLimits.None && info.Limits?.DefaultSessionLimits is null)
        {
            throw AgbErrors.NotSupported(Name, "limits of sessions");
        }
        if (request.IdleAction == AgbIdleAction.Suspend)
        {
            RequireSleep();
        }
        var body = new CreateSessionBody
        {
            Labels = TextMap.Write(request.Labels),
            PersistenceDataList = [.. request.ContextSyncs.Select(ContextSyncWire.From)],
            Agb = new CreateSessionExtension
            {
                Network = request.Network,
                IdleTimeout = request.IdleTimeout,
                IdleAction = request.IdleAction == AgbIdleAction.Release ? null : request.IdleAction,
                MaxLifetime = request.MaxLifetime,
                NoWait = request.NoWait,
                Limits = request.Limits == AgbSessionLimits.None ? null : request.Limits,
            },
        };
        var path = AgbRoutes.CreateSession + ApiCall.Query(("imageId", request.ImageId));
        var reply = await api.CallAsync(
            ApiCall.Post(path, body, WireJson.Default.CreateSessionBody, Repeat.WhenTurnedAway) with
            {
                // The data of a large context may need a copy first.
                Timeout = api.Options.Timeout + api.Options.MaxWait,
            },
            cancellationToken).ConfigureAwait(false);
        return ToSession(
            reply.RequireData(WireJson.Default.SessionData).Session ?? throw CloudErrors.Unreadable("the session is missing", reply.RequestId, reply.Status));
    }

    public Task<AgbSession> GetSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        AskAsync(AgbServerRoutes.GetSession, sessionId, cancellationToken);

    public IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default) => _streams.ItemsAsync(
        ApiCall.Post(AgbServerRoutes.ListSessions, new ListSessionsBody { Labels = labels }, WireJson.Default.ListSessionsBody, Repeat.Always),
        WireJson.Default.SessionDetail, cancellationToken).Select(ToSession);

    public IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) => _streams.ItemsAsync(
        ApiCall.Post(AgbServerRoutes.ListSessions, new ListSessionsBody { Released = true }, WireJson.Default.ListSessionsBody, Repeat.Always),
        WireJson.Default.SessionDetail, cancellationToken)
        // An older server ignores the filter.
        .Where(s => s.Status == AgbSessionStatus.Released).Select(ToSession);

    public async Task<AgbSession> WaitSessionAsync(SessionId sessionId, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        ToSession(await _streams.ResultAsync(
            ApiCall.Post(
                AgbServerRoutes.WaitSession, new WaitSessionBody { SessionId = sessionId, Timeout = timeout },
                WireJson.Default.WaitSessionBody, Repeat.Always),
            WireJson.Default.SessionDetail, cancellationToken).ConfigureAwait(false));

    public Task RemoveSessionAsync(
        SessionId sessionId, AgbReleaseMode mode = AgbReleaseMode.Policy, CancellationToken cancellationToken = default) =>
        _streams.EndAsync(
            ApiCall.Post(
                AgbServerRoutes.ReleaseSession,
                new ReleaseSessionBody { SessionId = sessionId, SyncContext = mode == AgbReleaseMode.Upload, DiscardChanges = mode == AgbReleaseMode.Discard },
                WireJson.Default.ReleaseSessionBody, Repeat.WhenTurnedAway),
            cancellationToken);

    public async Task<IReadOnlyList<AgbSession>> ForkSessionAsync(SessionId sessionId, int count = 1, CancellationToken cancellationToken = default)
    {
        var forks = await _streams.ResultAsync(
            ApiCall.Post(
                AgbServerRoutes.ForkSession, new ForkSessionBody { SessionId = sessionId, Count = count }, WireJson.Default.ForkSessionBody, Repeat.WhenTurnedAway),
            WireJson.Default.IReadOnlyListSessionDetail, cancellationToken).ConfigureAwait(false);
        return [.. forks.Select(ToSession)];
    }

    public async Task<AgbSession> SetSessionLabelsAsync(
        SessionId sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default) => ToSession(await CallAsync(
        ApiCall.Post(
            AgbServerRoutes.SetLabels, new SetLabelsBody { SessionId = sessionId, Labels = labels }, WireJson.Default.SetLabelsBody, Repeat.Always),
        WireJson.Default.SessionDetail, cancellationToken).ConfigureAwait(false));

    public Task<AgbSession> KeepSessionAliveAsync(SessionId sessionId, CancellationToken cancellationToken = default) =>
        AskAsync(AgbServerRoutes.KeepSessionAlive, sessionId, cancellationToken);

    public Task<AgbSession> SuspendSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        RequireSleep();
        return AskAsync(AgbServerRoutes.SuspendSession, sessionId, cancellationToken);
    }

    public Task<AgbSession> ResumeSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        RequireSleep();
        return AskAsync(AgbServerRoutes.ResumeSession, sessionId, cancellationToken);
    }

    public async Task<Uri> GetSessionLinkAsync(
        SessionId sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default)
    {
        var reply = await api.CallAsync(
            ApiCall.Post(
                AgbServerRoutes.GetSessionLink, new SessionLinkBody { SessionId = sessionId, Port = port, Scheme = scheme },
                WireJson.Default.SessionLinkBody, Repeat.Always),
            cancellationToken).ConfigureAwait(false);
        return Uri.TryCreate(reply.RequireData(WireJson.Default.UrlData).Url, UriKind.Absolute, out var link)
            ? link
            : throw CloudErrors.Unreadable("the link is no address", reply.RequestId, reply.Status);
    }

    private async Task<T> CallAsync<T>(ApiCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        (await api.CallAsync(call, cancellationToken).ConfigureAwait(false)).RequireData(type);

    // Each of these calls may be repeated.
    private async Task<AgbSession> AskAsync(string route, SessionId sessionId, CancellationToken cancellationToken) => ToSession(await CallAsync(
        ApiCall.Post(route, new SessionIdBody { SessionId = sessionId }, WireJson.Default.SessionIdBody, Repeat.Always),
        WireJson.Default.SessionDetail, cancellationToken).ConfigureAwait(false));

    private void RequireSleep()
    {
        if (!info.CanSuspend)
        {
            throw AgbErrors.NotSupported(Name, "suspended sessions");
        }
    }

    private AgbSession ToSession(SessionDetail detail) => Answers.Guard(() => detail.ToSession(owner), "");
}
