namespace Agb.Cloud;

/// <content>Contexts, their versions and files.</content>
public sealed partial class AgbCloudService
{
    /// <inheritdoc/>
    public async Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.ContextName(name);
        var service = await FindAsync(cancellationToken).ConfigureAwait(false);
        return await service.CreateContextAsync(valid, getExisting, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<AgbContext> GetContextAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        OfContextAsync(contextId, s => s.GetContextAsync(contextId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContext> FindContextAsync(string idOrName, CancellationToken cancellationToken = default) =>
        OfContextAsync(new ContextId(idOrName), s => s.FindContextAsync(idOrName, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListContextsAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveContextAsync(ContextId contextId, CancellationToken cancellationToken = default)
    {
        RequireContext(contextId);
        var service = await FindAsync(cancellationToken).ConfigureAwait(false);
        await service.RemoveContextAsync(contextId, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbContext> RenameContextAsync(ContextId contextId, string newName, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.ContextName(newName);
        return await OfContextAsync(contextId, s => s.RenameContextAsync(contextId, valid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<AgbContext> ClearContextAsync(ContextId contextId, bool noWait = false, CancellationToken cancellationToken = default) =>
        OfContextAsync(contextId, s => s.ClearContextAsync(contextId, noWait, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> GetContextPathsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        OfContextAsync(contextId, s => s.GetContextPathsAsync(contextId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(ContextId contextId, CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListContextVersionsAsync(RequireContext(contextId), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContextVersion> RestoreContextAsync(ContextId contextId, long version, CancellationToken cancellationToken = default) =>
        OfContextAsync(contextId, s => s.RestoreContextAsync(contextId, version, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        ContextId contextId, AgbContextFileQuery query, CancellationToken cancellationToken = default)
    {
        var valid = query with { Path = LinuxPath.NormalizeFile(query.Path) };
        RequireNotNegative("number of entries to skip", query.Skip);
        return ListAsync(s => s.ListContextFilesAsync(RequireContext(contextId), valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<AgbContextFile> GetContextFileAsync(
        ContextId contextId, string path, long? version = null, CancellationToken cancellationToken = default)
    {
        var valid = LinuxPath.NormalizeFile(path);
        return await OfContextAsync(contextId, s => s.GetContextFileAsync(contextId, valid, version, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default)
    {
        var valid = LinuxPath.Normalize(path);
        return await OfContextAsync(new ContextId(idOrName), s => s.FindContextFileAsync(idOrName, valid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbContextFileContent> OpenContextFileAsync(
        ContextId contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default)
    {
        var valid = LinuxPath.NormalizeFile(path);
        RequireNotNegative("offset", offset);
        return await OfContextAsync(contextId, s => s.OpenContextFileAsync(contextId, valid, version, offset, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<AgbContextVersion?> ChangeContextFilesAsync(
        ContextId contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default) =>
        OfContextAsync(contextId, s => s.ChangeContextFilesAsync(contextId, changes.Select(SourceStream.Guard), cancellationToken), cancellationToken);

    private async Task<T> OfContextAsync<T>(ContextId contextId, Func<IAgbService, Task<T>> call, CancellationToken cancellationToken)
    {
        RequireContext(contextId);
        return await call(await FindAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static void RequireNotNegative(string what, long value)
    {
        if (value < 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The {what} is {value}; expected 0 or more.", target: value);
        }
    }

    // An empty id would make another call on the wire.
    private static ContextId RequireContext(ContextId contextId) =>
        string.IsNullOrWhiteSpace(contextId) ? throw AgbErrors.ContextNotFound(contextId) : contextId;
}
