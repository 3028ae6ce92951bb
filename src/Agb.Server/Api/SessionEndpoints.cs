using System.Runtime.ExceptionServices;

namespace Agb.Server;

/// <summary>Sessions: create, find, list, release, labels, keep-alive.</summary>
internal static class SessionEndpoints
{
    /// <summary>The path of a session's resourceUrl.</summary>
    internal const string ResourcePath = "/agb/session";

    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbRoutes.CreateSession, CreateAsync).AsWork();
        var json = WireJson.Default;
        routes.Post(AgbRoutes.GetSession, json.SessionData, async call =>
            await SessionAnswers.DescribeAsync(call, await RequireAsync(call).ConfigureAwait(false)).ConfigureAwait(false));
        routes.Post(AgbRoutes.GetSessionInfo, json.SessionStatusData, GetInfoAsync);
        routes.Post(AgbRoutes.GetMcpResource, json.McpResourceData, GetResourceAsync);
        routes.Get(ResourcePath, json.SessionDetail, async call => SessionDetail.From(
            await call.Owner.RequireSessionAsync(call.About(call.RequireQuery("resourceId")), call.Aborted).ConfigureAwait(false)));
        routes.Get(AgbRoutes.ListSession, ListAsync);
        routes.Change(AgbRoutes.ReleaseSession, ReleaseAsync);
        routes.Change(AgbRoutes.ReleaseSessionAsync, BeginReleaseAsync);
        routes.Change(AgbRoutes.PauseSession, async call =>
            await AgbSessionEndpoints.SuspendAsync(call, (await RequireAsync(call).ConfigureAwait(false)).SessionId).ConfigureAwait(false));
        routes.Change(AgbRoutes.ResumeSession, async call =>
            await AgbSessionEndpoints.ResumeAsync(call, (await RequireAsync(call).ConfigureAwait(false)).SessionId).ConfigureAwait(false));
        routes.Change(AgbRoutes.RefreshSessionIdleTime, call => call.Service.KeepSessionAliveAsync(new SessionId(RequireId(call)), call.Aborted));
        routes.Change(
            AgbRoutes.SetLabel,
            call => call.Service.SetSessionLabelsAsync(new SessionId(RequireId(call)), TextMap.Read(call.RequireQuery("Labels"), "Labels"), call.Aborted));
        routes.Get(AgbRoutes.GetLabel, json.LabelData, async call => new LabelData(TextMap.Write(
            (await call.Owner.RequireSessionAsync(call.RequireSessionId(), call.Aborted).ConfigureAwait(false)).Labels)));
    }

    private static async Task CreateAsync(Call call)
    {
        var imageId = call.RequireQuery("imageId");
        var body = await call.ReadAsync(WireJson.Default.CreateSessionBody).ConfigureAwait(false);
        var request = new AgbSessionRequest
        {
            ImageId = imageId,
            Labels = TextMap.Read(body.Labels, "labels"),
            ContextSyncs = [.. (body.PersistenceDataList ?? []).Select(ContextSyncWire.To)],
            IdleTimeout = body.Agb is { } ours ? ours.IdleTimeout : Seconds(body.Timeout) ?? call.Options.DefaultIdleTimeout,
            IdleAction = body.Agb?.IdleAction ?? AgbIdleAction.Release,
            MaxLifetime = body.Agb?.MaxLifetime,
            Network = body.Agb?.Network,
            NoWait = body.Agb?.NoWait ?? false,
            Limits = body.Agb?.Limits ?? AgbSessionLimits.None,
        };
        using var place = await call.Get<SessionSlots>().TakeAsync(call.Owner, call.Aborted).ConfigureAwait(false);
        var session = await call.Service.CreateSessionAsync(request, call.Aborted).ConfigureAwait(false);
        place.Keep(call.About(session.SessionId));
        call.Http.Response.OnCompleted(() =>
        {
            (call.Service as ISessionClaimService)?.ClaimSession(session);
            return Task.CompletedTask;
        });
        try
        {
            call.Owner.Notes.KeepPaths(session.SessionId, request.ContextSyncs.Select(s => s.Path));
        }
        catch
        {
            // The client is gone and never learns of the session.
            await call.Service.RemoveSessionAsync(session, AgbReleaseMode.Discard).ConfigureAwait(false);
            call.Owner.Forget(session.SessionId);
            throw;
        }
        await call.OkAsync(await SessionAnswers.DescribeAsync(call, session).ConfigureAwait(false), WireJson.Default.SessionData).ConfigureAwait(false);
    }

    private static async Task<SessionStatusData> GetInfoAsync(Call call)
    {
        var id = await ReadIdAsync(call).ConfigureAwait(false);
        // Also for a session under release: clients poll for its end.
        var session = await call.Service.GetSessionAsync(new SessionId(id), call.Aborted).ConfigureAwait(false);
        var status = call.Owner.Releases.IsReleasing(id) ? AgbSessionStatus.Releasing : session.Status;
        return new SessionStatusData(WireSessionStatus.From(status));
    }

    private static async Task<McpResourceData> GetResourceAsync(Call call)
    {
        var session = await RequireAsync(call).ConfigureAwait(false);
        return new McpResourceData(session.SessionId, await SessionAnswers.ResourceUrlAsync(call, session).ConfigureAwait(false));
    }

    private static async Task ListAsync(Call call)
    {
        var labels = TextMap.Read(call.Query("labels"), "labels");
        var sessions = await call.Service.ListSessionsAsync(labels.Count == 0 ? null : labels, call.Aborted)
            .Where(s => !call.Owner.Releases.IsReleasing(s.SessionId)).ToArrayAsync(call.Aborted).ConfigureAwait(false);
        var page = Pages.Take(call, sessions, s => s.SessionId);
        await call.OkAsync(
            [.. page.Items.Select(s => new SessionSummary { SessionId = s.SessionId, SessionStatus = WireSessionStatus.From(s.Status) })],
            WireJson.Default.IReadOnlyListSessionSummary, e => page.Describe(e) with { Count = page.Total }).ConfigureAwait(false);
    }

    private static async Task ReleaseAsync(Call call)
    {
        var id = await ReadIdAsync(call).ConfigureAwait(false);
        await call.Service.GetSessionAsync(new SessionId(id), call.Aborted).ConfigureAwait(false);
        Check(await call.Owner.Releases.Begin(id).WaitAsync(call.Aborted).ConfigureAwait(false));
    }

    private static async Task BeginReleaseAsync(Call call)
    {
        var id = await ReadIdAsync(call).ConfigureAwait(false);
        await call.Service.GetSessionAsync(new SessionId(id), call.Aborted).ConfigureAwait(false);
        // Clients poll at once after an early answer, and then sleep. The release continues even without a waiting client.
        var release = call.Owner.Releases.Begin(id);
        Check(await call.HoldAsync(release).ConfigureAwait(false) ? await release.ConfigureAwait(false) : null);
    }

    private static void Check(Exception? failure)
    {
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>The session of the query, unless under release.</summary>
    private static string RequireId(Call call)
    {
        var id = call.RequireSessionId();
        call.Owner.RequireNotReleasing(id);
        return id;
    }

    private static async Task<AgbSession> RequireAsync(Call call) =>
        await call.Owner.RequireSessionAsync(await ReadIdAsync(call).ConfigureAwait(false), call.Aborted).ConfigureAwait(false);

    private static async Task<string> ReadIdAsync(Call call) =>
        call.RequireSessionId((await call.ReadAsync(WireJson.Default.SessionIdBody).ConfigureAwait(false)).SessionId);

    /// <summary>A time limit in seconds; null and 0 mean the server's default.</summary>
    private static TimeSpan? Seconds(double? seconds) => seconds switch
    {
        null or 0 => null,
        // The service checks the range; here the value must only fit into a TimeSpan.
        > 0 and < 1e9 => TimeSpan.FromSeconds(seconds.Value),
        _ => throw AgbErrors.Invalid(
            AgbErrorIds.InvalidSessionOption, $"The timeout is {seconds} s; expected a number of seconds, or 0 for the default.", target: seconds),
    };
}
