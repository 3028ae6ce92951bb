namespace Agb.Server;

/// <summary>Sessions in the form of the AGB API.</summary>
internal static class SessionAnswers
{
    /// <summary>All data a client needs to use a session.</summary>
    internal static async Task<SessionData> DescribeAsync(Call call, AgbSession session)
    {
        var images = await call.Service.ListImagesAsync(call.Aborted).ConfigureAwait(false);
        var tools = call.Get<ToolCatalog>().ToolsOf(images.FirstOrDefault(i => i.ImageId == session.ImageId));
        var key = call.KeyOf(session.SessionId);
        return new SessionData
        {
            SessionId = session.SessionId,
            ResourceUrl = ResourceUrl(call, session.SessionId),
            AppInstanceId = "app-" + session.SessionId,
            ResourceId = session.SessionId,
            Status = WireSessionStatus.From(session.Status),
            LinkUrl = $"{call.BaseUrl}{LinkEndpoints.LinkPath}/{key}",
            WsUrl = "ws" + $"{call.BaseUrl}{LinkEndpoints.SocketPath}/{key}"["http".Length..],
            Token = call.Links.TokenOf(key),
            ToolList = ToolListJson.Write(tools.Select(t => new ToolReference { Name = t.Name, Server = ToolCatalog.ServerName })),
            Session = SessionDetail.From(session),
        };
    }

    /// <summary>The web address of a session, for people.</summary>
    internal static string ResourceUrl(Call call, string sessionId) =>
        $"{call.BaseUrl}{SessionEndpoints.ResourcePath}?resourceId={Uri.EscapeDataString(sessionId)}";
}
