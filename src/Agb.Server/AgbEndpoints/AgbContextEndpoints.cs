using Agb.Protocol;
using Microsoft.AspNetCore.Routing;

namespace Agb.Server;

/// <summary>The extension endpoints for contexts and their versions.</summary>
internal static class AgbContextEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Post(AgbServerRoutes.ListContexts, ListAsync);
        routes.Post(AgbServerRoutes.CreateContext, CreateAsync);
        routes.Post(AgbServerRoutes.GetContext, GetAsync);
        routes.Post(AgbServerRoutes.RenameContext, RenameAsync);
        routes.Post(AgbServerRoutes.ClearContext, ClearAsync);
        routes.Post(AgbServerRoutes.RemoveContext, RemoveAsync);
        routes.Post(AgbServerRoutes.GetContextPaths, GetPathsAsync);
        routes.Post(AgbServerRoutes.ListVersions, ListVersionsAsync);
        routes.Post(AgbServerRoutes.RestoreContext, RestoreAsync);
    }

    private static async Task ListAsync(Call call)
    {
        await call.ReadAsync(WireJson.Default.EmptyBody).ConfigureAwait(false);
        await StreamAnswer.ListAsync(call, call.Service.ListContextsAsync(call.Aborted), WireJson.Default.AgbContext)
            .ConfigureAwait(false);
    }

    private static async Task CreateAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.CreateContextBody).ConfigureAwait(false);
        await AnswerAsync(call, await call.Service.CreateContextAsync(body.Name ?? "", body.GetExisting, call.Aborted).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private static async Task GetAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.GetContextBody).ConfigureAwait(false);
        await AnswerAsync(call, await (body.ContextId is { } id
            ? call.Service.GetContextAsync(new ContextId(id), call.Aborted)
            : call.Service.FindContextAsync(Call.Require(body.IdOrName, "idOrName"), call.Aborted)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task RenameAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.RenameContextBody).ConfigureAwait(false);
        await AnswerAsync(
            call, await call.Service.RenameContextAsync(Id(body.ContextId), body.NewName ?? "", call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task ClearAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.ClearContextBody).ConfigureAwait(false);
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var context = await call.Service.ClearContextAsync(Id(body.ContextId), body.NoWait, call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync(context, WireJson.Default.AgbContext).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task RemoveAsync(Call call)
    {
        var id = await ReadIdAsync(call).ConfigureAwait(false);
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                await call.Service.RemoveContextAsync(id, call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync().ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task GetPathsAsync(Call call)
    {
        var paths = await call.Service.GetContextPathsAsync(await ReadIdAsync(call).ConfigureAwait(false), call.Aborted).ConfigureAwait(false);
        await call.OkAsync(paths, WireJson.Default.IReadOnlyListString).ConfigureAwait(false);
    }

    private static async Task ListVersionsAsync(Call call)
    {
        var id = await ReadIdAsync(call).ConfigureAwait(false);
        await StreamAnswer.ListAsync(call, call.Service.ListContextVersionsAsync(id, call.Aborted), WireJson.Default.AgbContextVersion)
            .ConfigureAwait(false);
    }

    private static async Task RestoreAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.RestoreContextBody).ConfigureAwait(false);
        var version = body.Version ?? throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "The member 'version' is missing.", target: "version");
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var restored = await call.Service.RestoreContextAsync(Id(body.ContextId), version, call.Aborted).ConfigureAwait(false);
                await answer.ResultAsync(restored, WireJson.Default.AgbContextVersion).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static ContextId Id(string? id) => new(Call.Require(id, "contextId"));

    private static async Task<ContextId> ReadIdAsync(Call call) => Id((await call.ReadAsync(WireJson.Default.ContextIdBody).ConfigureAwait(false)).ContextId);

    private static Task AnswerAsync(Call call, AgbContext context) => call.OkAsync(context, WireJson.Default.AgbContext);
}
