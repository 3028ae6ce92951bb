namespace Agb.Server;

/// <summary>The extension endpoints for the server itself, sessions and images.</summary>
internal static class AgbSessionEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var json = WireJson.Default;
        routes.Get(AgbServerRoutes.Info, InfoAsync);
        routes.Answer(AgbServerRoutes.GetSession, json.SessionIdBody, json.SessionDetail, async (call, body) =>
            SessionDetail.From(await call.Service.GetSessionAsync(new SessionId(call.RequireSessionId(body.SessionId)), call.Aborted).ConfigureAwait(false)));
        routes.List(AgbServerRoutes.ListSessions, json.ListSessionsBody, json.SessionDetail, (call, body) => List(call, body).Select(SessionDetail.From));
        routes.Stream(AgbServerRoutes.WaitSession, json.WaitSessionBody, json.SessionDetail, async (call, body) => SessionDetail.From(
            await call.Service.WaitSessionAsync(new SessionId(call.RequireSessionId(body.SessionId)), body.Timeout, call.Aborted).ConfigureAwait(false)));
        routes.Stream(AgbServerRoutes.ReleaseSession, json.ReleaseSessionBody, ReleaseAsync);
        routes.Stream(AgbServerRoutes.ForkSession, json.ForkSessionBody, json.IReadOnlyListSessionDetail, ForkAsync);
        routes.Answer(AgbServerRoutes.SetLabels, json.SetLabelsBody, json.SessionDetail, async (call, body) => SessionDetail.From(await call.Service
            .SetSessionLabelsAsync(new SessionId(call.RequireSessionId(body.SessionId)), TextMap.Require(body.Labels, "label"), call.Aborted).ConfigureAwait(false)));
        routes.Answer(AgbServerRoutes.KeepSessionAlive, json.SessionIdBody, json.SessionDetail, async (call, body) =>
            SessionDetail.From(await call.Service.KeepSessionAliveAsync(new SessionId(call.RequireSessionId(body.SessionId)), call.Aborted).ConfigureAwait(false)));
        routes.Answer(AgbServerRoutes.SuspendSession, json.SessionIdBody, json.SessionDetail, async (call, body) =>
            SessionDetail.From(await SuspendAsync(call, call.RequireSessionId(body.SessionId)).ConfigureAwait(false)));
        routes.Answer(AgbServerRoutes.ResumeSession, json.SessionIdBody, json.SessionDetail, async (call, body) =>
            SessionDetail.From(await ResumeAsync(call, call.RequireSessionId(body.SessionId)).ConfigureAwait(false)));
        routes.Answer(AgbServerRoutes.GetSessionLink, json.SessionLinkBody, json.UrlData, async (call, body) =>
            new UrlData(await PortLinks.CreateAsync(call, call.RequireSessionId(body.SessionId), body.Port, body.Scheme).ConfigureAwait(false)));
        routes.Answer(AgbServerRoutes.ListImages, json.EmptyBody, json.IReadOnlyListAgbImage, (call, _) => call.Service.ListImagesAsync(call.Aborted));
    }

    /// <summary>Suspends a session.</summary>
    internal static Task<AgbSession> SuspendAsync(Call call, string sessionId) => SleepOf(call).SuspendSessionAsync(new SessionId(sessionId), call.Aborted);

    /// <summary>Resumes a session.</summary>
    internal static Task<AgbSession> ResumeAsync(Call call, string sessionId) => SleepOf(call).ResumeSessionAsync(new SessionId(sessionId), call.Aborted);

    private static ISessionSleepService SleepOf(Call call) =>
        call.Service as ISessionSleepService ?? throw AgbErrors.NotSupported(call.Service.Name, "suspended sessions");

    private static Task InfoAsync(Call call)
    {
        var options = call.Options;
        return call.OkAsync(
            new AgbInfo
            {
                Product = AgbInfo.ServerProduct,
                Version = ServerVersion.Text,
                Protocol = AgbInfo.CurrentProtocol,
                CanSuspend = call.Service is ISessionSleepService,
                Limits = new AgbLimits
                {
                    MaxRequestBytes = options.MaxRequestBytes,
                    MaxUploadBytes = options.MaxUploadBytes,
                    RequestsPerSecond = options.RequestsPerSecond > 0 ? options.RequestsPerSecond : null,
                    MaxSessionsPerOwner = options.Load.MaxSessionsPerOwner is > 0 and var sessions ? sessions : null,
                    MaxCallsPerOwner = options.Load.MaxCallsPerOwner is > 0 and var calls ? calls : null,
                    PresignedUrlLifetime = options.PresignedUrlLifetime,
                    DefaultIdleTimeout = options.DefaultIdleTimeout,
                    DefaultSessionLimits = options.DefaultLimits,
                },
            },
            WireJson.Default.AgbInfo);
    }

    private static IAsyncEnumerable<AgbSession> List(Call call, ListSessionsBody body)
    {
        var labels = body.Labels is null ? null : TextMap.Require(body.Labels, "label");
        return body.Released ? call.Service.ListReleasedSessionsAsync(call.Aborted) : call.Service.ListSessionsAsync(labels, call.Aborted);
    }

    private static async Task<IReadOnlyList<SessionDetail>> ForkAsync(Call call, ForkSessionBody body)
    {
        var id = call.RequireSessionId(body.SessionId);
        var count = RequestRules.ForkCount(body.Count);
        var service = call.Service as ISessionForkService ?? throw AgbErrors.NotSupported(call.Service.Name, "forks of sessions");
        var places = new List<SessionPlace>(count);
        try
        {
            while (places.Count < count)
            {
                places.Add(await call.Get<SessionSlots>().TakeAsync(call.Owner, call.Aborted).ConfigureAwait(false));
            }
            var forks = await service.ForkSessionAsync(new SessionId(id), count, call.Aborted).ConfigureAwait(false);
            for (var i = 0; i < forks.Count; i++)
            {
                places[i].Keep(forks[i].SessionId);
                call.Owner.Notes.KeepPaths(forks[i].SessionId, forks[i].ContextSyncs.Select(s => s.Path));
            }
            call.Http.Response.OnCompleted(() =>
            {
                foreach (var fork in forks)
                {
                    (call.Service as ISessionClaimService)?.ClaimSession(fork);
                }
                return Task.CompletedTask;
            });
            return [.. forks.Select(SessionDetail.From)];
        }
        finally
        {
            places.ForEach(p => p.Dispose());
        }
    }

    private static async Task ReleaseAsync(Call call, ReleaseSessionBody body)
    {
        var id = call.RequireSessionId(body.SessionId);
        await call.Service.RemoveSessionAsync(new SessionId(id), body.Mode, call.Aborted).ConfigureAwait(false);
        call.Owner.Forget(id);
    }
}
