using System.Text.Json;
using Agb.Protocol;

namespace Agb.Cloud;

/// <content>Contexts, their versions and files.</content>
internal sealed partial class AgbServerService
{
    public async Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default) =>
        ToContext(await CallAsync(
            ApiCall.Post(
                AgbServerRoutes.CreateContext, new CreateContextBody { Name = name, GetExisting = getExisting },
                WireJson.Default.CreateContextBody, getExisting ? Repeat.Always : Repeat.WhenTurnedAway),
            WireJson.Default.AgbContext, cancellationToken).ConfigureAwait(false));

    public async Task<AgbContext> GetContextAsync(ContextId contextId, CancellationToken cancellationToken = default)
    {
        var context = await FindContextAsync(contextId, cancellationToken).ConfigureAwait(false);
        // The endpoint takes names too.
        return context.Id == contextId ? context : throw AgbErrors.ContextNotFound(contextId);
    }

    public async Task<AgbContext> FindContextAsync(string idOrName, CancellationToken cancellationToken = default) => ToContext(await CallAsync(
        ApiCall.Post(AgbServerRoutes.GetContext, new GetContextBody { IdOrName = idOrName }, WireJson.Default.GetContextBody, Repeat.Always),
        WireJson.Default.AgbContext, cancellationToken).ConfigureAwait(false));

    public IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default) => _streams.ItemsAsync(
        ApiCall.Post(AgbServerRoutes.ListContexts, new EmptyBody(), WireJson.Default.EmptyBody, Repeat.Always),
        WireJson.Default.AgbContext, cancellationToken).Select(ToContext);

    public Task RemoveContextAsync(ContextId contextId, CancellationToken cancellationToken = default) => _streams.EndAsync(
        OfContext(AgbServerRoutes.RemoveContext, contextId, Repeat.WhenTurnedAway), cancellationToken);

    public async Task<AgbContext> RenameContextAsync(ContextId contextId, string newName, CancellationToken cancellationToken = default) =>
        ToContext(await CallAsync(
            ApiCall.Post(
                AgbServerRoutes.RenameContext, new RenameContextBody { ContextId = contextId, NewName = newName },
                WireJson.Default.RenameContextBody, Repeat.Always),
            WireJson.Default.AgbContext, cancellationToken).ConfigureAwait(false));

    public async Task<AgbContext> ClearContextAsync(ContextId contextId, bool noWait = false, CancellationToken cancellationToken = default) =>
        ToContext(await _streams.ResultAsync(
            ApiCall.Post(
                AgbServerRoutes.ClearContext, new ClearContextBody { ContextId = contextId, NoWait = noWait },
                WireJson.Default.ClearContextBody, Repeat.WhenTurnedAway),
            WireJson.Default.AgbContext, cancellationToken).ConfigureAwait(false));

    public Task<IReadOnlyList<string>> GetContextPathsAsync(ContextId contextId, CancellationToken cancellationToken = default) => CallAsync(
        OfContext(AgbServerRoutes.GetContextPaths, contextId, Repeat.Always), WireJson.Default.IReadOnlyListString, cancellationToken);

    public IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        _streams.ItemsAsync(
            OfContext(AgbServerRoutes.ListVersions, contextId, Repeat.Always), WireJson.Default.AgbContextVersion, cancellationToken)
            .Select(v => v with { Service = owner });

    public async Task<AgbContextVersion> RestoreContextAsync(ContextId contextId, long version, CancellationToken cancellationToken = default) =>
        (await _streams.ResultAsync(
            ApiCall.Post(
                AgbServerRoutes.RestoreContext, new RestoreContextBody { ContextId = contextId, Version = version },
                WireJson.Default.RestoreContextBody, Repeat.WhenTurnedAway),
            WireJson.Default.AgbContextVersion, cancellationToken).ConfigureAwait(false)) with { Service = owner };

    public IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        ContextId contextId, AgbContextFileQuery query, CancellationToken cancellationToken = default) => _streams.ItemsAsync(
        ApiCall.Post(
            AgbServerRoutes.ListContextFiles,
            new ListContextFilesBody { ContextId = contextId, Path = query.Path, Recurse = query.Recurse, Version = query.Version, Skip = query.Skip },
            WireJson.Default.ListContextFilesBody, Repeat.Always),
        WireJson.Default.AgbContextFile, cancellationToken).Select(f => f with { Service = owner });

    public async Task<AgbContextFile> GetContextFileAsync(
        ContextId contextId, string path, long? version = null, CancellationToken cancellationToken = default) => (await CallAsync(
        ApiCall.Post(
            AgbServerRoutes.GetContextFile, new ContextFileBody { ContextId = contextId, Path = path, Version = version },
            WireJson.Default.ContextFileBody, Repeat.Always),
        WireJson.Default.AgbContextFile, cancellationToken).ConfigureAwait(false)) with { Service = owner };

    // The server accepts a name in place of the id.
    public Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default) =>
        GetContextFileAsync(new ContextId(idOrName), path, null, cancellationToken);

    public async Task<AgbContextFileContent> OpenContextFileAsync(
        ContextId contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default)
    {
        var answer = await api.OpenAsync(
            ApiCall.Post(
                AgbServerRoutes.OpenContextFile, new ContextFileBody { ContextId = contextId, Path = path, Version = version, Offset = offset },
                WireJson.Default.ContextFileBody, Repeat.Always) with { Timeout = api.Silence },
            message => message.IsSuccessStatusCode && message.Headers.Contains(AgbServerRoutes.FileHeader),
            cancellationToken).ConfigureAwait(false);
        try
        {
            var header = answer.Message.Headers.GetValues(AgbServerRoutes.FileHeader).First();
            var file = Answers.Guard(() => WireReader.Read(header, WireJson.Default.AgbContextFile, "file"), answer.RequestId);
            return new AgbContextFileContent(file with { Service = owner }, answer.Body);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    public async Task<AgbContextVersion?> ChangeContextFilesAsync(
        ContextId contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default)
    {
        using var upload = new UploadContent(ChangeStream.ContentType, (body, token) => ChangeStream.WriteAsync(body, changes, token), cancellationToken);
        var call = new ApiCall(HttpMethod.Post, AgbServerRoutes.ChangeContextFiles + ApiCall.Query(("contextId", contextId)), Repeat.Never)
        {
            Content = upload,
        };
        var (result, requestId) = await _streams.RawResultAsync(call, take: null, cancellationToken).ConfigureAwait(false);
        // Changes without effect make no version.
        return result.ValueKind == JsonValueKind.Object && result.TryGetProperty("version", out _)
            ? Answers.Read(result, WireJson.Default.AgbContextVersion, requestId) with { Service = owner }
            : null;
    }

    private AgbContext ToContext(AgbContext detail) => detail with { Service = owner };

    private static ApiCall OfContext(string path, ContextId contextId, Repeat repeat) =>
        ApiCall.Post(path, new ContextIdBody { ContextId = contextId }, WireJson.Default.ContextIdBody, repeat);
}
