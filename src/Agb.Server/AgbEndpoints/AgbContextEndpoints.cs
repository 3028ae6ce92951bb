namespace Agb.Server;

/// <summary>The extension endpoints for contexts and their versions.</summary>
internal static class AgbContextEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var json = WireJson.Default;
        routes.List(AgbServerRoutes.ListContexts, json.EmptyBody, json.AgbContext, (call, _) => call.Service.ListContextsAsync(call.Aborted));
        routes.Answer(
            AgbServerRoutes.CreateContext, json.CreateContextBody, json.AgbContext,
            (call, body) => call.Service.CreateContextAsync(body.Name ?? "", body.GetExisting, call.Aborted));
        routes.Answer(
            AgbServerRoutes.GetContext, json.GetContextBody, json.AgbContext,
            (call, body) => body.ContextId is { } id
                ? call.Service.GetContextAsync(new ContextId(id), call.Aborted)
                : call.Service.FindContextAsync(Call.Require(body.IdOrName, "idOrName"), call.Aborted));
        routes.Answer(
            AgbServerRoutes.RenameContext, json.RenameContextBody, json.AgbContext,
            (call, body) => call.Service.RenameContextAsync(Id(body.ContextId), body.NewName ?? "", call.Aborted));
        routes.Stream(
            AgbServerRoutes.ClearContext, json.ClearContextBody, json.AgbContext,
            (call, body) => call.Service.ClearContextAsync(Id(body.ContextId), body.NoWait, call.Aborted));
        routes.Stream(AgbServerRoutes.RemoveContext, json.ContextIdBody, (call, body) => call.Service.RemoveContextAsync(Id(body.ContextId), call.Aborted));
        routes.Answer(
            AgbServerRoutes.GetContextPaths, json.ContextIdBody, json.IReadOnlyListString,
            (call, body) => call.Service.GetContextPathsAsync(Id(body.ContextId), call.Aborted));
        routes.List(
            AgbServerRoutes.ListVersions, json.ContextIdBody, json.AgbContextVersion,
            (call, body) => call.Service.ListContextVersionsAsync(Id(body.ContextId), call.Aborted));
        routes.Stream(
            AgbServerRoutes.RestoreContext, json.RestoreContextBody, json.AgbContextVersion,
            (call, body) => call.Service.RestoreContextAsync(Id(body.ContextId), Version(body), call.Aborted));
    }

    private static ContextId Id(string? id) => new(Call.Require(id, "contextId"));

    private static long Version(RestoreContextBody body) =>
        body.Version ?? throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "The member 'version' is missing.", target: "version");
}
