namespace Agb.Server;

/// <summary>Contexts: find or create, list, rename, delete, clear.</summary>
internal static class ContextEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.Get(AgbRoutes.ListContexts, ListAsync);
        routes.Get(AgbRoutes.GetContext, WireJson.Default.ContextData, async call => ContextData.From(await GetAsync(call).ConfigureAwait(false)));
        routes.Change(AgbRoutes.ModifyContext, call => call.Service.RenameContextAsync(new ContextId(call.RequireQuery("id")), call.RequireQuery("name"), call.Aborted));
        routes.Change(AgbRoutes.DeleteContext, call => call.Service.RemoveContextAsync(new ContextId(call.RequireQuery("id")), call.Aborted));
        routes.Change(AgbRoutes.ClearContext, call => call.Service.ClearContextAsync(new ContextId(call.RequireQuery("id")), noWait: true, call.Aborted));
    }

    /// <summary>The id of a context, given by id or name.</summary>
    internal static async Task<ContextId> IdOfAsync(Call call, string idOrName) =>
        await call.Service.FindContextAsync(idOrName, call.Aborted).ConfigureAwait(false);

    /// <summary>The id for an id or name. A text in the form of an id stays one if it is unknown: its context may be gone.</summary>
    internal static async Task<ContextId?> ToIdAsync(Call call, string? idOrName)
    {
        try
        {
            return idOrName is null ? null : await IdOfAsync(call, idOrName).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.ContextNotFound && idOrName is ['S', 'd', 'k', 'C', 't', 'x', '-', ..])
        {
            return new ContextId(idOrName);
        }
    }

    private static async Task ListAsync(Call call)
    {
        var page = await Pages.TakeAsync(
            call, async (after, most) => await call.Service.ListContextPageAsync(after, most, call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);
        await call.OkAsync(
            [.. page.Items.Select(ContextData.From)], WireJson.Default.IReadOnlyListContextData,
            e => page.Describe(e) with { TotalCount = page.Total }).ConfigureAwait(false);
    }

    private static async Task<AgbContext> GetAsync(Call call)
    {
        var (id, name, create) = (call.Query("id"), call.Query("name"), call.QueryFlag("allowCreate"));
        return (id, name) switch
        {
            ({ } given, _) => await call.Service.GetContextAsync(new ContextId(given), call.Aborted).ConfigureAwait(false),
            (_, { } given) when create => await call.Service.CreateContextAsync(given, getExisting: true, call.Aborted).ConfigureAwait(false),
            (_, { } given) => await ByNameAsync(call, given.Trim()).ConfigureAwait(false),
            _ => throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "The query has neither 'id' nor 'name'."),
        };
    }

    private static async Task<AgbContext> ByNameAsync(Call call, string name)
    {
        var context = await call.Service.FindContextAsync(name, call.Aborted).ConfigureAwait(false);
        // A context whose id equals the name of another context would hide that context.
        return context.Name == name
            ? context
            : await call.Service.ListContextsAsync(call.Aborted).FirstOrDefaultAsync(c => c.Name == name, call.Aborted).ConfigureAwait(false)
                ?? throw AgbErrors.ContextNotFound(name);
    }
}
