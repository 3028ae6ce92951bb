namespace Agb.Cloud;

/// <summary>Reads one session by the AGB API, with the client's knowledge about sessions.</summary>
internal sealed class SessionCalls(ApiClient api, IAgbService owner)
{
    /// <summary>The values known without a call.</summary>
    internal KnownSessions Known { get; } = new();

    /// <summary>A session.</summary>
    /// <exception cref="AgbException">SessionNotFound, also for a released session.</exception>
    internal async Task<AgbSession> ReadAsync(string sessionId, CancellationToken cancellationToken)
    {
        var data = await GetAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var labels = await LabelsAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return ToSession(sessionId, WireSessionStatus.To(data.Status), labels);
    }

    /// <summary>The status of a session; Released for a missing one.</summary>
    internal async Task<AgbSessionStatus> StatusAsync(string sessionId, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await CallAsync(AgbRoutes.GetSessionInfo, sessionId, Repeat.Always, cancellationToken).ConfigureAwait(false);
            return WireSessionStatus.To(new SessionReader(reply.Envelope.Data ?? default).Status);
        }
        catch (AgbServiceException e) when (IsGone(e))
        {
            return AgbSessionStatus.Released;
        }
    }

    /// <summary>A session's labels.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> LabelsAsync(string sessionId, CancellationToken cancellationToken)
    {
        var reply = await PlainErrors.OfSessionAsync(
            sessionId, () => api.CallAsync(ApiCall.Get(AgbRoutes.GetLabel, ("sessionId", sessionId)), cancellationToken)).ConfigureAwait(false);
        var data = reply.Data(WireJson.Default.LabelData);
        return Answers.Guard(() => TextMap.Read(data?.Labels, "label"), reply.RequestId);
    }

    /// <summary>The route to a session's tools.</summary>
    internal async Task<SessionRoute> RouteAsync(string sessionId, CancellationToken cancellationToken) =>
        Known.Find(sessionId).Route ?? await RenewRouteAsync(sessionId, cancellationToken).ConfigureAwait(false);

    /// <summary>Requests the route to a session's tools.</summary>
    internal async Task<SessionRoute> RenewRouteAsync(string sessionId, CancellationToken cancellationToken) =>
        (await GetAsync(sessionId, cancellationToken).ConfigureAwait(false)).Route;

    /// <summary>Makes a call with a session's id as body.</summary>
    internal Task<ApiReply> CallAsync(string path, string sessionId, Repeat repeat, CancellationToken cancellationToken) =>
        PlainErrors.OfSessionAsync(sessionId, () => api.CallAsync(
            ApiCall.Post(path, new SessionIdBody { SessionId = sessionId }, WireJson.Default.SessionIdBody, repeat), cancellationToken));

    /// <summary>A session from read and known values.</summary>
    internal AgbSession ToSession(string sessionId, AgbSessionStatus status, IReadOnlyDictionary<string, string> labels)
    {
        var known = Known.Find(sessionId);
        return new AgbSession
        {
            Service = owner,
            SessionId = sessionId,
            ImageId = known.ImageId ?? "",
            Status = status,
            Labels = labels,
            ContextSyncs = known.ContextSyncs ?? [],
            CreatedAt = known.CreatedAt,
            IdleTimeout = known.IdleTimeout,
        };
    }

    private async Task<SessionReader> GetAsync(string sessionId, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(AgbRoutes.GetSession, sessionId, Repeat.Always, cancellationToken).ConfigureAwait(false);
        var data = new SessionReader(reply.Envelope.Data ?? default(JsonElement));
        if (WireSessionStatus.To(data.Status) == AgbSessionStatus.Released)
        {
            Known.Forget(sessionId);
            throw CloudErrors.Shown(AgbErrors.SessionNotFound(sessionId), reply.RequestId);
        }
        Known.Learn(sessionId, known => known with { Route = data.Route });
        return data;
    }

    // The words for the end of a release, as in the official clients.
    private static bool IsGone(AgbServiceException error) =>
        error.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired || PlainErrors.IsNotFound(error);
}
