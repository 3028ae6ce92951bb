using System.Text.Json;
using Agb.Cloud.Http;
using Agb.Protocol;
using Agb.Protocol.Json;

namespace Agb.Cloud.Plain;

/// <summary>The calls of the AGB API that read one session, and what is known of sessions.</summary>
internal sealed class SessionCalls(ApiClient api, IAgbService owner)
{
    /// <summary>What is known without asking.</summary>
    internal KnownSessions Known { get; } = new();

    /// <summary>A session.</summary>
    /// <exception cref="AgbException">SessionNotFound also for one that is released.</exception>
    internal async Task<AgbSession> ReadAsync(string sessionId, CancellationToken cancellationToken)
    {
        var data = await GetAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var labels = await LabelsAsync(sessionId, cancellationToken).ConfigureAwait(false);
        return ToSession(sessionId, WireSessionStatus.To(data.Status), labels);
    }

    /// <summary>The status of a session; Released for one that is gone.</summary>
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

    /// <summary>How a session's tools are called.</summary>
    internal async Task<SessionRoute> RouteAsync(string sessionId, CancellationToken cancellationToken) =>
        Known.Find(sessionId).Route ?? await RenewRouteAsync(sessionId, cancellationToken).ConfigureAwait(false);

    /// <summary>Asks how a session's tools are called.</summary>
    internal async Task<SessionRoute> RenewRouteAsync(string sessionId, CancellationToken cancellationToken) =>
        (await GetAsync(sessionId, cancellationToken).ConfigureAwait(false)).Route;

    /// <summary>Calls what takes a session's id in its body.</summary>
    internal Task<ApiReply> CallAsync(string path, string sessionId, Repeat repeat, CancellationToken cancellationToken) =>
        PlainErrors.OfSessionAsync(sessionId, () => api.CallAsync(
            ApiCall.Post(path, new SessionIdBody { SessionId = sessionId }, WireJson.Default.SessionIdBody, repeat), cancellationToken));

    /// <summary>A session of what was read and what is known.</summary>
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

    // The words that the official clients look for when they wait for the end of a release.
    private static bool IsGone(AgbServiceException error) =>
        error.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired || PlainErrors.IsNotFound(error);
}
