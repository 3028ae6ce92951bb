using System.Text.Json;

namespace Agb.Server;

/// <summary>Tools by the API route, and the list of tools.</summary>
internal static class ToolEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbRoutes.CallTool, WireJson.Default.ToolResultData, CallAsync).AsWork();
        routes.Post(AgbRoutes.ListTools, WireJson.Default.String, ListAsync);
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
        var image = images.FirstOrDefault(i => i.ImageId == imageId);
        if (imageId is not null && image is null)
        {
            throw AgbErrors.ImageNotFound(imageId, images.Select(i => i.ImageId));
        }
        var catalog = call.Get<ToolCatalog>();
        return ToolListJson.Write((imageId is null ? catalog.Tools : catalog.ToolsOf(image)).Select(Describe));
    }

    private static ToolDescription Describe(Tool tool)
    {
        using var schema = JsonDocument.Parse(tool.InputSchema);
        return new ToolDescription(tool.Name, tool.Description, schema.RootElement.Clone(), ToolCatalog.ServerName, tool.Name);
    }
}
