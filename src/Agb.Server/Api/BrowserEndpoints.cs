using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>Start of a session's browser, and the link to it.</summary>
internal static class BrowserEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbRoutes.BrowserInit, WireJson.Default.BrowserInitData, StartAsync).AsWork();
        routes.Post(AgbRoutes.GetCdpLink, WireJson.Default.CdpLinkData, LinkAsync);
    }

    private static async Task<BrowserInitData> StartAsync(Call call)
    {
        var sessionId = await RequireAsync(call).ConfigureAwait(false);
        if (call.Query("persistentPath") is { } path && path.TrimEnd('/') != AgbBrowserRequest.ProfileDirectory)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidBrowserOption, $"The persistentPath is '{path}'; profiles are in {AgbBrowserRequest.ProfileDirectory}.",
                "Mount a context there to keep log-ins.", path);
        }
        var request = BrowserOptionJson.Read(call.Query("browserOption"));
        var browser = await BrowserLinks.BrowsersOf(call.Service).StartBrowserAsync(new SessionId(sessionId), request, call.Aborted).ConfigureAwait(false);
        return new BrowserInitData(BrowserLinks.DevToolsPort, browser.Version, browser.Extensions);
    }

    private static async Task<CdpLinkData> LinkAsync(Call call) =>
        await BrowserLinks.CreateAsync(call, await RequireAsync(call).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task<string> RequireAsync(Call call) =>
        (await call.Owner.RequireSessionAsync(call.RequireSessionId(), call.Aborted).ConfigureAwait(false)).SessionId;
}
