namespace Agb.Cloud;

/// <summary>Browsers of sessions by the AGB API.</summary>
internal sealed class BrowserCalls(ApiClient api, IAgbService owner, ToolCalls tools)
{
    // A browser starts slowly on a busy machine, and loads its extensions.
    private static readonly TimeSpan s_start = TimeSpan.FromMinutes(2);

    /// <summary>Starts the browser of a session.</summary>
    internal async Task<AgbBrowser> StartAsync(SessionId sessionId, AgbBrowserRequest request, CancellationToken cancellationToken)
    {
        var reply = await PlainErrors.OfSessionAsync(sessionId, () => api.CallAsync(
            ApiCall.PostQuery(
                AgbRoutes.BrowserInit, Repeat.WhenTurnedAway, ("sessionId", sessionId), ("persistentPath", AgbBrowserRequest.ProfileDirectory),
                ("browserOption", BrowserOptionJson.Write(request))) with { Timeout = api.Options.Timeout + s_start },
            cancellationToken)).ConfigureAwait(false);
        return reply.RequireData(WireJson.Default.BrowserInitData).Port is null
            ? throw CloudErrors.Unreadable("the browser has no port", reply.RequestId, reply.Status)
            : await GetAsync(sessionId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the browser of a session.</summary>
    internal async Task<AgbBrowser> GetAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var reply = await PlainErrors.OfSessionAsync(sessionId, () => api.CallAsync(
            ApiCall.PostQuery(AgbRoutes.GetCdpLink, Repeat.Always, ("sessionId", sessionId)), cancellationToken)).ConfigureAwait(false);
        var link = reply.RequireData(WireJson.Default.CdpLinkData);
        return new AgbBrowser
        {
            Service = owner,
            SessionId = sessionId,
            Endpoint = link.Url is { Length: > 0 } url ? url : throw CloudErrors.Unreadable("the browser has no address", reply.RequestId, reply.Status),
            Version = link.Version ?? "",
            Extensions = link.Extensions ?? [],
        };
    }

    /// <summary>Stops the browser of a session.</summary>
    internal async Task StopAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        const string Tool = "stopChrome";
        var reply = await tools.CallAsync(sessionId, Tool, JsonSerializer.SerializeToElement(new EmptyBody(), WireJson.Default.EmptyBody), s_start, cancellationToken)
            .ConfigureAwait(false);
        if (reply.IsError)
        {
            throw AgbApiService.ToolFailed(Tool, reply);
        }
    }
}
