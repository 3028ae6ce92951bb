namespace Agb.Server;

/// <summary>Sessions in the form of the AGB API.</summary>
internal static class SessionAnswers
{
    // In the AGB cloud, sessions of this image have tools by the API route alone.
    private const string ImageWithoutLink = "agb-computer-use-1";

    /// <summary>All data a client needs to use a session.</summary>
    internal static async Task<SessionData> DescribeAsync(Call call, AgbSession session)
    {
        var image = await call.FindImageAsync(session.ImageId).ConfigureAwait(false);
        var tools = call.Get<ToolCatalog>().ToolsOf(image);
        var key = call.KeyOf(session.SessionId);
        return new SessionData
        {
            SessionId = session.SessionId,
            ResourceUrl = ResourceUrl(call, session, image),
            AppInstanceId = "app-" + session.SessionId,
            ResourceId = session.SessionId,
            Status = WireSessionStatus.From(session.Status),
            LinkUrl = session.ImageId == ImageWithoutLink ? null : $"{call.BaseUrl}{LinkEndpoints.LinkPath}/{key}",
            WsUrl = "ws" + $"{call.BaseUrl}{LinkEndpoints.SocketPath}/{key}"["http".Length..],
            Token = call.Links.TokenOf(key),
            ToolList = ToolListJson.Write(tools.Select(t => new ToolReference { Name = t.Name, Server = ToolCatalog.ServerName })),
            Session = SessionDetail.From(session),
        };
    }

    /// <summary>The web address of a session, for people: the live view of its desktop, or its state.</summary>
    internal static async Task<string> ResourceUrlAsync(Call call, AgbSession session) =>
        ResourceUrl(call, session, await call.FindImageAsync(session.ImageId).ConfigureAwait(false));

    private static string ResourceUrl(Call call, AgbSession session, AgbImage? image) => DesktopViews.IsShown(call, image)
        ? DesktopViews.AddressOf(call, session.SessionId, AgbDesktopViewMode.Control)
        : $"{call.BaseUrl}{SessionEndpoints.ResourcePath}?resourceId={Uri.EscapeDataString(session.SessionId)}";
}
