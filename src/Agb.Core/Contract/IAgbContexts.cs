namespace Agb;

/// <summary>Contexts and their versions. Part of <see cref="IAgbService"/>.</summary>
public interface IAgbContexts
{
    /// <summary>Creates a context.</summary>
    /// <param name="name">An unused name: not empty, at most 255 characters, no control characters, and no context's id.</param>
    /// <param name="getExisting">Return the context of that name, if there is one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The context.</returns>
    /// <exception cref="AgbException">InvalidContextName, ContextAlreadyExists, ReadOnlyStore, NoSpace.</exception>
    Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default);

    /// <summary>Gets a context by its id; names are not looked at.</summary>
    /// <returns>The context.</returns>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    Task<AgbContext> GetContextAsync(ContextId contextId, CancellationToken cancellationToken = default);

    /// <summary>Finds a context by its id, else by its name.</summary>
    /// <returns>The context.</returns>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    Task<AgbContext> FindContextAsync(string idOrName, CancellationToken cancellationToken = default);

    /// <summary>Lists all contexts, by name.</summary>
    /// <exception cref="AgbException">ConnectionFailed, StoreCorrupt, while the list is read.</exception>
    IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists a page of contexts by name, starting after a given name.</summary>
    /// <remarks>Pages by name stay right when contexts before them come or go. The default lists all contexts and takes a
    /// part.</remarks>
    /// <param name="after">The name before the page; its context may be gone. Null for the beginning.</param>
    /// <param name="most">The maximum number of contexts; at least 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The page.</returns>
    /// <exception cref="AgbException">As for <see cref="ListContextsAsync"/>.</exception>
    async Task<AgbContextPage> ListContextPageAsync(string? after, int most, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var all = await ListContextsAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        var start = after is null ? 0
            : all.FindIndex(c => c.Name == after) is >= 0 and var last ? last + 1
            : all.FindIndex(c => string.CompareOrdinal(c.Name, after) > 0) is >= 0 and var next ? next
            : all.Count;
        var items = all.GetRange(start, Math.Min(most, all.Count - start));
        return new AgbContextPage(items, start + items.Count < all.Count, all.Count);
    }

    /// <summary>Renames a context.</summary>
    /// <returns>The renamed context.</returns>
    /// <exception cref="AgbException">ContextNotFound, InvalidContextName, ContextAlreadyExists, ReadOnlyStore.</exception>
    Task<AgbContext> RenameContextAsync(ContextId contextId, string newName, CancellationToken cancellationToken = default);

    /// <summary>Deletes a context with all its versions.</summary>
    /// <returns>A task that ends with the deletion.</returns>
    /// <exception cref="AgbException">ContextNotFound, ReadOnlyStore; ContextInUse while a session mounts the context.</exception>
    Task RemoveContextAsync(ContextId contextId, CancellationToken cancellationToken = default);

    /// <summary>Removes all data of a context; id, name and earlier versions stay. Sessions with it mounted keep their
    /// view.</summary>
    /// <param name="contextId">The context.</param>
    /// <param name="noWait">Return as soon as the removal is registered; the context is Clearing until it is done.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The context.</returns>
    /// <exception cref="AgbException">ContextNotFound, WaitTimeout, ReadOnlyStore.</exception>
    Task<AgbContext> ClearContextAsync(ContextId contextId, bool noWait = false, CancellationToken cancellationToken = default);

    /// <summary>Lists the paths of a context with data, uploaded or written without a session; sorted, at most 100. Paths below
    /// another mountable path are left out.</summary>
    /// <returns>The absolute paths.</returns>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    Task<IReadOnlyList<string>> GetContextPathsAsync(ContextId contextId, CancellationToken cancellationToken = default);

    /// <summary>Lists the retained versions of a context, newest first.</summary>
    /// <exception cref="AgbException">ContextNotFound; NotSupported without
    /// <see cref="AgbCapabilities.ContextVersions"/>.</exception>
    IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(ContextId contextId, CancellationToken cancellationToken = default);

    /// <summary>Makes a new version with the content of an earlier one.</summary>
    /// <returns>The new version.</returns>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound, NoSpace, ReadOnlyStore; NotSupported without
    /// <see cref="AgbCapabilities.ContextVersions"/>.</exception>
    Task<AgbContextVersion> RestoreContextAsync(ContextId contextId, long version, CancellationToken cancellationToken = default);
}
