using Agb.Protocol;

namespace Agb.Cloud;

/// <content>Contexts.</content>
internal sealed partial class AgbApiService
{
    // The prefix of the AGB cloud's ids. Other texts are tried as names first.
    private const string IdPrefix = "SdkCtx-";

    public async Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default)
    {
        // The API has only "find or create", so a used name is detected first.
        if (!getExisting && await FindAsync(null, name, cancellationToken).ConfigureAwait(false) is { Context: not null, RequestId: var requestId })
        {
            throw CloudErrors.Shown(AgbErrors.ContextAlreadyExists(name), requestId);
        }
        var reply = await _api.CallAsync(
            ApiCall.Get(AgbRoutes.GetContext, ("name", name), ("allowCreate", "true")) with { Repeat = getExisting ? Repeat.Always : Repeat.WhenTurnedAway },
            cancellationToken).ConfigureAwait(false);
        return ToContext(reply.RequireData(WireJson.Default.ContextData));
    }

    public async Task<AgbContext> GetContextAsync(ContextId contextId, CancellationToken cancellationToken = default)
    {
        var (context, requestId) = await FindAsync(contextId, null, cancellationToken).ConfigureAwait(false);
        return context ?? throw CloudErrors.Shown(AgbErrors.ContextNotFound(contextId), requestId);
    }

    public async Task<AgbContext> FindContextAsync(string idOrName, CancellationToken cancellationToken = default)
    {
        var looksLikeId = idOrName.StartsWith(IdPrefix, StringComparison.Ordinal);
        var (context, _) = await FindAsync(looksLikeId ? idOrName : null, looksLikeId ? null : idOrName, cancellationToken).ConfigureAwait(false);
        if (context is not null)
        {
            return context;
        }
        var (other, requestId) = await FindAsync(looksLikeId ? null : idOrName, looksLikeId ? idOrName : null, cancellationToken).ConfigureAwait(false);
        return other ?? throw CloudErrors.Shown(AgbErrors.ContextNotFound(idOrName), requestId);
    }

    public async Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default) =>
        await _files.GetAsync((await FindContextAsync(idOrName, cancellationToken).ConfigureAwait(false)).Id, path, cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<AgbContext> ListContextsAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The service's order is not guaranteed, so the list is read completely and sorted.
        var contexts = new List<AgbContext>();
        await foreach (var page in Pages.ReadAsync(
            token => ApiCall.Get(AgbRoutes.ListContexts, ("maxResults", PageSize), ("nextToken", token)),
            _api, WireJson.Default.IReadOnlyListContextData, cancellationToken).ConfigureAwait(false))
        {
            contexts.AddRange(page.Where(c => c.Id is { Length: > 0 }).Select(ToContext));
        }
        foreach (var context in contexts.DistinctBy(c => c.Id).OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            yield return context;
        }
    }

    public async Task<AgbContext> RenameContextAsync(ContextId contextId, string newName, CancellationToken cancellationToken = default)
    {
        await CallContextAsync(AgbRoutes.ModifyContext, contextId, Repeat.Always, cancellationToken, ("name", newName)).ConfigureAwait(false);
        return await GetContextAsync(contextId, cancellationToken).ConfigureAwait(false);
    }

    public async Task RemoveContextAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        await CallContextAsync(AgbRoutes.DeleteContext, contextId, Repeat.WhenTurnedAway, cancellationToken).ConfigureAwait(false);

    public async Task<AgbContext> ClearContextAsync(ContextId contextId, bool noWait = false, CancellationToken cancellationToken = default)
    {
        await CallContextAsync(AgbRoutes.ClearContext, contextId, Repeat.Always, cancellationToken).ConfigureAwait(false);
        if (noWait)
        {
            return await GetContextAsync(contextId, cancellationToken).ConfigureAwait(false);
        }
        var data = await AdaptivePoll.UntilAsync(
            _api.Time,
            async token => (await PlainErrors.OfContextAsync(contextId, () => _api.CallAsync(
                ApiCall.Get(AgbRoutes.GetContext, ("id", contextId), ("allowCreate", "false")), token)).ConfigureAwait(false))
                .RequireData(WireJson.Default.ContextData),
            // Here a missing state means clearing, as in the official clients.
            context => context.State == "available",
            _api.Options.MaxWait,
            () => CloudErrors.WaitOver($"The removal of the data of the context '{contextId}'", _api.Options.MaxWait, advice: null, contextId),
            cancellationToken).ConfigureAwait(false);
        return ToContext(data);
    }

    /// <summary>None: the AGB API has no such list, and a session then mounts a context at /home/NAME.</summary>
    public Task<IReadOnlyList<string>> GetContextPathsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        throw NotSupported("versions of contexts");

    public Task<AgbContextVersion> RestoreContextAsync(ContextId contextId, long version, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbContextVersion>(NotSupported("versions of contexts"));

    public IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        ContextId contextId, AgbContextFileQuery query, CancellationToken cancellationToken = default) =>
        query.Version is null
            ? _files.ListAsync(contextId, query, cancellationToken)
            : throw NotSupported("versions of contexts");

    public Task<AgbContextFile> GetContextFileAsync(
        ContextId contextId, string path, long? version = null, CancellationToken cancellationToken = default) => version is null
        ? _files.GetAsync(contextId, path, cancellationToken)
        : Task.FromException<AgbContextFile>(NotSupported("versions of contexts"));

    public Task<AgbContextFileContent> OpenContextFileAsync(
        ContextId contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default) => version is null
        ? _files.OpenAsync(contextId, path, offset, cancellationToken)
        : Task.FromException<AgbContextFileContent>(NotSupported("versions of contexts"));

    public async Task<AgbContextVersion?> ChangeContextFilesAsync(
        ContextId contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default)
    {
        await foreach (var change in changes.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            await _files.ChangeAsync(contextId, change, cancellationToken).ConfigureAwait(false);
        }
        return null;
    }

    // The service's error for a missing context is not documented, only its refusal.
    private async Task<(AgbContext? Context, string RequestId)> FindAsync(string? id, string? name, CancellationToken cancellationToken)
    {
        var reply = await _api.AskAsync(
            ApiCall.Get(AgbRoutes.GetContext, ("id", id), ("name", name), ("allowCreate", "false")), cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess)
        {
            var error = CloudErrors.Refused(reply);
            return reply.Status < 500 && error.ErrorId is AgbErrorIds.ServiceRefused or AgbErrorIds.ContextNotFound ? (null, reply.RequestId) : throw error;
        }
        return (reply.Data(WireJson.Default.ContextData) is { Id.Length: > 0 } data ? ToContext(data) : null, reply.RequestId);
    }

    private Task<ApiReply> CallContextAsync(
        string path, ContextId contextId, Repeat repeat, CancellationToken cancellationToken, params (string Name, string? Value)[] more) =>
        PlainErrors.OfContextAsync(
            contextId, () => _api.CallAsync(ApiCall.PostQuery(path, repeat, [("id", contextId), .. more]), cancellationToken));

    // Lists have no state; a context being cleared has one.
    private AgbContext ToContext(ContextData data) => (data.State is null ? data with { State = "available" } : data).ToContext(_owner);
}
