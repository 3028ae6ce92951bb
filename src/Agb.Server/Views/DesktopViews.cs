using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>Live views of desktops: a page with noVNC under a signed path, and a WebSocket to the session's desktop. One signature is for
/// seeing and control, another for seeing alone.</summary>
internal static class DesktopViews
{
    private const string PathPrefix = "/view";

    /// <summary>Maps page, files and WebSocket.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        const string Signed = PathPrefix + "/{session}/{mode}/{signature}";
        Map(Signed, ShowAsync);
        Map(Signed + "/{file}", call => ViewFiles.SendOwnAsync(call, (string)call.Http.GetRouteValue("file")!));
        Map(Signed + "/novnc/{**file}", call => ViewFiles.SendNoVncAsync(call, call.Http.GetRouteValue("file") as string ?? ""));
        Map(Signed + "/socket", ViewSocket.RunAsync);
        routes.Answer(AgbServerRoutes.GetDesktopView, WireJson.Default.DesktopViewBody, WireJson.Default.UrlData, async (call, body) =>
        {
            var session = await call.Owner.RequireSessionAsync(call.RequireSessionId(body.SessionId), call.Aborted).ConfigureAwait(false);
            return IsShown(call, await call.FindImageAsync(session.ImageId).ConfigureAwait(false))
                ? new UrlData(AddressOf(call, session.SessionId, body.ViewOnly ? AgbDesktopViewMode.ViewOnly : AgbDesktopViewMode.Control))
                : throw new AgbException(
                    AgbErrorIds.NotSupported, AgbErrorKind.InvalidState, $"The session '{session.SessionId}' has no desktop: its image is '{session.ImageId}'.",
                    target: session.SessionId);
        });

        void Map(string path, Func<Call, Task> handle) => routes.Map(path, HttpMethods.Get, AccessKind.DesktopView, handle);
    }

    /// <summary>Whether sessions of an image have a desktop to view.</summary>
    internal static bool IsShown(Call call, AgbImage? image) => image is { HasDesktop: true } && call.Service is IDesktopViewService;

    /// <summary>The address of the page.</summary>
    internal static string AddressOf(Call call, string sessionId, AgbDesktopViewMode mode)
    {
        var session = call.KeyOf(sessionId);
        return $"{call.BaseUrl}{PathPrefix}/{session}/{ViewWord.Of(mode)}/{call.Links.ViewSignatureOf(session, mode)}/";
    }

    private static async Task ShowAsync(Call call)
    {
        var sessionId = call.Caller.SessionId!;
        call.Owner.RequireNotReleasing(sessionId);
        await call.Owner.RequireSessionAsync(sessionId, call.Aborted).ConfigureAwait(false);
        if (call.Http.Request.Path.Value!.EndsWith('/'))
        {
            await ViewFiles.SendOwnAsync(call, ViewFiles.Page).ConfigureAwait(false);
            return;
        }
        // The page names its files relative to its path.
        call.Http.Response.StatusCode = StatusCodes.Status302Found;
        call.Http.Response.Headers.Location = call.Http.GetRouteValue("signature") + "/";
    }
}
