using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>Links to browsers in sessions for CDP clients: a signed path of this server, bound to the session, that leads to the
/// browser running at that moment. So it stays valid for restarts of the browser.</summary>
internal sealed class BrowserLinks : IDisposable
{
    /// <summary>The port of DevTools in a session, as clients show it.</summary>
    internal const int DevToolsPort = 9222;

    private const string PathPrefix = "/cdp";

    private const string SocketPath = "devtools/browser";

    private readonly SessionForward _forward = new(new BrowserTransformer());

    /// <summary>Maps the proxy.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        const string Signed = PathPrefix + "/{session}/{signature}/";
        // The browser's own id behind the path may be an earlier one's.
        routes.Map($"{Signed}{SocketPath}/{{id?}}", HttpMethods.Get, AccessKind.BrowserLink, ForwardAsync);
        // Clients with an address for HTTP ask here for the one of the WebSocket.
        routes.Map($"{Signed}json/version", HttpMethods.Get, AccessKind.BrowserLink, DescribeAsync);
    }

    /// <summary>The link to a session's running browser.</summary>
    /// <exception cref="AgbException">BrowserNotRunning, SessionNotFound and others, from the service.</exception>
    internal static async Task<CdpLinkData> CreateAsync(Call call, string sessionId)
    {
        var browser = await BrowsersOf(call.Service).GetBrowserAsync(new SessionId(sessionId), call.Aborted).ConfigureAwait(false);
        var session = call.KeyOf(sessionId);
        var link = $"{call.BaseUrl}{PathPrefix}/{session}/{call.Links.BrowserSignatureOf(session)}/{SocketPath}";
        return new CdpLinkData("ws" + link["http".Length..], browser.Version, browser.Extensions);
    }

    /// <summary>The part of a service with browsers.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    internal static IBrowserService BrowsersOf(IAgbService service) =>
        service as IBrowserService ?? throw AgbErrors.NotSupported(service.Name, "browsers in sessions");

    /// <inheritdoc/>
    public void Dispose() => _forward.Dispose();

    private static async Task ForwardAsync(Call call)
    {
        var links = call.Get<BrowserLinks>();
        var sessionId = call.Caller.SessionId!;
        call.Owner.RequireNotReleasing(sessionId);
        var browser = await PortLinks.PortsOf(call.Service).ConnectBrowserAsync(new SessionId(sessionId), call.Aborted).ConfigureAwait(false);
        await using (browser.Stream.ConfigureAwait(false))
        {
            await links._forward.SendAsync(
                call, new SessionPort(call.Service, call.KeyOf(sessionId), DevToolsPort) { Browser = browser }, "The browser of the session does not answer",
                "Try again, or start it anew.").ConfigureAwait(false);
        }
    }

    private static async Task DescribeAsync(Call call)
    {
        call.Owner.RequireNotReleasing(call.Caller.SessionId!);
        var link = await CreateAsync(call, call.Caller.SessionId!).ConfigureAwait(false);
        var version = new JsonObject { ["Browser"] = link.Version, ["Protocol-Version"] = "1.3", ["webSocketDebuggerUrl"] = link.Url };
        call.Http.Response.ContentType = "application/json";
        await call.Http.Response.WriteAsync(version.ToJsonString(), call.Aborted).ConfigureAwait(false);
    }
}
