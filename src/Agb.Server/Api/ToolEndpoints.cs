using System.Text.Json;

namespace Agb.Server;

/// <summary>Tools by the API route, the list of tools, and refusals of the browser calls.</summary>
internal static class ToolEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbRoutes.CallTool, WireJson.Default.ToolResultData, CallAsync).AsWork();
        routes.Post(AgbRoutes.ListTools, WireJson.Default.String, ListAsync);
        routes.Post(AgbRoutes.BrowserInit, c => NoBrowserAsync(c, "starting a browser"));
        routes.Post(AgbRoutes.GetCdpLink, c => NoBrowserAsync(c, "links to a browser"));
    }

    private static async Task<ToolResultData> CallAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.CallToolBody).ConfigureAwait(false);
        var (sessionId, name) = (call.RequireSessionId(body.SessionId), Call.Require(body.Name, "name"));
        var arguments = WireReader.ReadObject(body.Args, "args");
        return await ToolCalls.RunAsync(call, sessionId, name, arguments).ConfigureAwait(false);
    }

    private static async Task<string> ListAsync(Call call)
    {
        var imageId = call.Query("imageId");
        var images = await call.Service.ListImagesAsync(call.Aborted).ConfigureAwait(false);
        if (imageId is not null && images.All(i => i.ImageId != imageId))
        {
            throw AgbErrors.ImageNotFound(imageId, images.Select(i => i.ImageId));
        }
        return ToolListJson.Write(call.Get<ToolCatalog>().Tools.Select(Describe));
    }

    private static ToolDescription Describe(Tool tool)
    {
        using var schema = JsonDocument.Parse(tool.InputSchema);
        return new ToolDescription(tool.Name, tool.Description, schema.RootElement.Clone(), ToolCatalog.ServerName, tool.Name);
    }

    private static async Task NoBrowserAsync(Call call, string what)
    {
        await call.Owner.RequireSessionAsync(call.RequireSessionId(), call.Aborted).ConfigureAwait(false);
        throw new AgbException(
            AgbErrorIds.NotSupported, AgbErrorKind.InvalidState, $"This server does not offer {what}: its sessions have no built-in browser.",
            "Run a browser in the session with a command, and reach it with getLink.");
    }
}
