using Agb.Protocol;
using Microsoft.AspNetCore.Routing;

namespace Agb.Server;

/// <summary>The extension endpoints for the server itself, sessions and images.</summary>
internal static class AgbSessionEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Get(AgbServerRoutes.Info, InfoAsync);
        routes.Post(AgbServerRoutes.GetSession, GetAsync);
        routes.Post(AgbServerRoutes.ListSessions, ListAsync);
        routes.Post(AgbServerRoutes.WaitSession, WaitAsync);
        routes.Post(AgbServerRoutes.ReleaseSession, ReleaseAsync);
        routes.Post(AgbServerRoutes.SetLabels, SetLabelsAsync);
        routes.Post(AgbServerRoutes.KeepSessionAlive, KeepAliveAsync);
        routes.Post(AgbServerRoutes.GetSessionLink, LinkAsync);
        routes.Post(AgbServerRoutes.ListImages, ListImagesAsync);
    }

    private static Task InfoAsync(Call call)
    {
        var options = call.Options;
        return call.OkAsync(
            new AgbInfo
            {
                Product = AgbInfo.ServerProduct,
                Version = ServerVersion.Text,
                Protocol = AgbInfo.CurrentProtocol,
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

    private static async Task GetAsync(Call call)
    {
        var id = call.About(Call.Require((await call.ReadAsync(WireJson.Default.SessionIdBody).ConfigureAwait(false)).SessionId, "sessionId"));
        await AnswerAsync(call, await call.Service.GetSessionAsync(new SessionId(id), call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task ListAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.ListSessionsBody).ConfigureAwait(false);
        var labels = body.Labels is null ? null : TextMap.Require(body.Labels, "label");
        var sessions = body.Released ? call.Service.ListReleasedSessionsAsync(call.Aborted) : call.Service.ListSessionsAsync(labels, call.Aborted);
        await StreamAnswer.ListAsync(call, sessions.Select(SessionDetail.From), WireJson.Default.SessionDetail).ConfigureAwait(false);
    }

    private static async Task WaitAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.WaitSessionBody).ConfigureAwait(false);
        var id = call.About(Call.Require(body.SessionId, "sessionId"));
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var session = await call.Service.WaitSessionAsync(new SessionId(id), body.Timeout, call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync(SessionDetail.From(session), WireJson.Default.SessionDetail).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task ReleaseAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.ReleaseSessionBody).ConfigureAwait(false);
        var id = call.About(Call.Require(body.SessionId, "sessionId"));
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                await call.Service.RemoveSessionAsync(new SessionId(id), body.Mode, call.Aborted).ConfigureAwait(false);
                call.Owner.Forget(id);
                await answer.ResultAsync().ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task SetLabelsAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.SetLabelsBody).ConfigureAwait(false);
        var id = call.About(Call.Require(body.SessionId, "sessionId"));
        await AnswerAsync(
            call, await call.Service.SetSessionLabelsAsync(new SessionId(id), TextMap.Require(body.Labels, "label"), call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task KeepAliveAsync(Call call)
    {
        var id = call.About(Call.Require((await call.ReadAsync(WireJson.Default.SessionIdBody).ConfigureAwait(false)).SessionId, "sessionId"));
        await AnswerAsync(call, await call.Service.KeepSessionAliveAsync(new SessionId(id), call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task LinkAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.SessionLinkBody).ConfigureAwait(false);
        var id = call.About(Call.Require(body.SessionId, "sessionId"));
        var url = await PortLinks.CreateAsync(call, id, body.Port, body.Scheme).ConfigureAwait(false);
        await call.OkAsync(new UrlData { Url = url }, WireJson.Default.UrlData).ConfigureAwait(false);
    }

    private static async Task ListImagesAsync(Call call)
    {
        await call.ReadAsync(WireJson.Default.EmptyBody).ConfigureAwait(false);
        var images = await call.Service.ListImagesAsync(call.Aborted).ConfigureAwait(false);
        await call.OkAsync(images, WireJson.Default.IReadOnlyListAgbImage).ConfigureAwait(false);
    }

    private static Task AnswerAsync(Call call, AgbSession session) => call.OkAsync(SessionDetail.From(session), WireJson.Default.SessionDetail);
}
