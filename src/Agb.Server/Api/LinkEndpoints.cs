using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>Endpoints for a session's token: tools by the link route, and the WebSocket for code. Also links to ports in sessions.</summary>
internal static class LinkEndpoints
{
    /// <summary>The prefix of link URLs.</summary>
    internal const string LinkPath = "/link";

    /// <summary>The prefix of WebSocket URLs.</summary>
    internal const string SocketPath = "/ws";

    // The port range for links in the AGB cloud.
    private const int FirstPort = 30100;
    private const int LastPort = 30199;
    private const int DefaultPort = FirstPort;

    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Map($"{LinkPath}/{{session}}{AgbRoutes.LinkCallTool}", HttpMethods.Post, AccessKind.SessionToken, CallAsync).AsWork()
            .WithMetadata(ErrorsAsResults.Instance);
        routes.Map($"{SocketPath}/{{session}}", HttpMethods.Get, AccessKind.SessionToken, CodeSocket.RunAsync);
        routes.Get(AgbRoutes.GetLink, WireJson.Default.UrlData, GetLinkAsync);
        routes.Get(AgbRoutes.GetLinkAsync, WireJson.Default.UrlData, GetLinkAsync);
    }

    private static async Task CallAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.LinkCallBody).ConfigureAwait(false);
        RequestNote.Of(call.Http).ClientRequestId = body.RequestId;
        var name = Call.Require(body.Tool, "tool");
        var arguments = body.Args switch
        {
            null or { ValueKind: JsonValueKind.Null } => WireReader.ReadObject(null, "args"),
            { ValueKind: JsonValueKind.Object } given => given,
            { } other => throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The member 'args' is {other.ValueKind}; expected an object.", target: "args"),
        };
        var result = await ToolCalls.RunAsync(call, call.Caller.SessionId!, name, arguments).ConfigureAwait(false);
        await call.OkAsync(new LinkCallReply { Result = result }, WireJson.Default.LinkCallReply).ConfigureAwait(false);
    }

    private static async Task<UrlData> GetLinkAsync(Call call)
    {
        var sessionId = call.RequireSessionId();
        // Without a port the client wants a link to the session itself; the server chooses the port.
        var text = call.Query("port") ?? DefaultPort.ToString(CultureInfo.InvariantCulture);
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < FirstPort or > LastPort)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The port is '{text}'; expected a port from {FirstPort} to {LastPort}.", target: text);
        }
        call.Owner.RequireNotReleasing(sessionId);
        return new UrlData(await PortLinks.CreateAsync(call, sessionId, port, call.Query("protocolType")).ConfigureAwait(false));
    }
}
