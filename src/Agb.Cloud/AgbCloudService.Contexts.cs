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
    public async Task<AgbContext> GetContextAsync(string idOrName, CancellationToken cancellationToken = default) =>
        await (await OfContextAsync(idOrName, cancellationToken).ConfigureAwait(false))
            .GetContextAsync(idOrName, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListContextsAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveContextAsync(string contextId, CancellationToken cancellationToken = default) =>
        await (await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false))
            .RemoveContextAsync(contextId, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<AgbContext> RenameContextAsync(string contextId, string newName, CancellationToken cancellationToken = default)
    {
        var valid = RequestRules.ContextName(newName);
        var service = await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false);
        return await service.RenameContextAsync(contextId, valid, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbContext> ClearContextAsync(string contextId, bool noWait = false, CancellationToken cancellationToken = default) =>
        await (await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false))
            .ClearContextAsync(contextId, noWait, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> GetContextPathsAsync(string contextId, CancellationToken cancellationToken = default) =>
        await (await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false))
            .GetContextPathsAsync(contextId, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(string contextId, CancellationToken cancellationToken = default) =>
        ListAsync(s => s.ListContextVersionsAsync(RequireContext(contextId), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<AgbContextVersion> RestoreContextAsync(string contextId, long version, CancellationToken cancellationToken = default) =>
        await (await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false))
            .RestoreContextAsync(contextId, version, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        string contextId, AgbContextFileQuery query, CancellationToken cancellationToken = default)
    {
        var valid = query with { Path = LinuxPath.NormalizeFile(query.Path) };
        RequireNotNegative("number of entries to skip", query.Skip);
        return ListAsync(s => s.ListContextFilesAsync(RequireContext(contextId), valid, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<AgbContextFile> GetContextFileAsync(
        string contextId, string path, long? version = null, CancellationToken cancellationToken = default)
    {
        var valid = LinuxPath.NormalizeFile(path);
        var service = await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false);
        return await service.GetContextFileAsync(contextId, valid, version, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default)
    {
        var valid = LinuxPath.Normalize(path);
        var service = await OfContextAsync(idOrName, cancellationToken).ConfigureAwait(false);
        return await service.FindContextFileAsync(idOrName, valid, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbContextFileContent> OpenContextFileAsync(
        string contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default)
    {
        var valid = LinuxPath.NormalizeFile(path);
        RequireNotNegative("offset", offset);
        var service = await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false);
        return await service.OpenContextFileAsync(contextId, valid, version, offset, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AgbContextVersion?> ChangeContextFilesAsync(
        string contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default) =>
        await (await OfContextAsync(contextId, cancellationToken).ConfigureAwait(false))
            .ChangeContextFilesAsync(contextId, changes.Select(SourceStream.Guard), cancellationToken).ConfigureAwait(false);

    private ValueTask<IAgbService> OfContextAsync(string contextId, CancellationToken cancellationToken)
    {
        RequireContext(contextId);
        return FindAsync(cancellationToken);
    }

    private static void RequireNotNegative(string what, long value)
    {
        if (value < 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The {what} is {value}; expected 0 or more.", target: value);
        }
    }

    // An empty id would make another call on the wire.
    private static string RequireContext(string contextId) =>
        string.IsNullOrWhiteSpace(contextId) ? throw AgbErrors.ContextNotFound(contextId) : contextId;
}
