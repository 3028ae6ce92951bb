namespace Agb;

/// <content>Context operations missing from some services: the default of each throws NotSupported.</content>
public partial interface IAgbService
{
    /// <summary>Lists a page of contexts by name, starting after a given name.</summary>
    /// <remarks>Pages by name stay right when contexts before them come or go. The default lists all contexts and takes a
    /// part.</remarks>
    /// <param name="after">The name before the page; its context may be gone. Null for the beginning.</param>
    /// <param name="most">The maximum number of contexts; at least 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
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
    /// <exception cref="AgbException">ContextNotFound, InvalidContextName, ContextAlreadyExists.</exception>
    Task<AgbContext> RenameContextAsync(string contextId, string newName, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbContext>(AgbErrors.NotSupported(Name, "renaming contexts"));

    /// <summary>Removes all data of a context; id, name and earlier versions stay. Sessions with it mounted keep their
    /// view.</summary>
    /// <param name="contextId">The context.</param>
    /// <param name="noWait">Return as soon as the removal is registered; the context is Clearing until it is done.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The context.</returns>
    Task<AgbContext> ClearContextAsync(string contextId, bool noWait = false, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbContext>(AgbErrors.NotSupported(Name, "clearing contexts"));

    /// <summary>Lists the files in a directory of a context, by name. Lookups happen only as the result is read.</summary>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound, InvalidPath. A path without stored data gives an empty
    /// list.</exception>
    IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        string contextId, AgbContextFileQuery query, CancellationToken cancellationToken = default) =>
        throw AgbErrors.NotSupported(Name, "listing a context's files");

    /// <summary>Finds one file, directory or link of a context. Links are not followed.</summary>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound, FileNotFound.</exception>
    Task<AgbContextFile> GetContextFileAsync(
        string contextId, string path, long? version = null, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbContextFile>(AgbErrors.NotSupported(Name, "reading a context's files"));

    /// <summary>Finds one file, directory or link in the newest version of a context given by id or name.</summary>
    /// <remarks>Services with one call for it save the lookup of the id before <see cref="GetContextFileAsync"/>; the default
    /// makes both calls.</remarks>
    /// <exception cref="AgbException">ContextNotFound, FileNotFound, InvalidPath.</exception>
    async Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default)
    {
        var context = await GetContextAsync(idOrName, cancellationToken).ConfigureAwait(false);
        return await GetContextFileAsync(context.Id, path, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a file of a context for reading. The bytes stay those of the opened version.</summary>
    /// <param name="contextId">The context.</param>
    /// <param name="path">The absolute path in the context. Links are not followed.</param>
    /// <param name="version">The version to read; null for the newest.</param>
    /// <param name="offset">The start in bytes; empty content at or behind the end.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound, FileNotFound, WrongFileType.</exception>
    Task<AgbContextFileContent> OpenContextFileAsync(
        string contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbContextFileContent>(AgbErrors.NotSupported(Name, "reading a context's files"));

    /// <summary>Changes files of a context without a session. On the embedded service and an Agb server all changes are one
    /// version, or none if one fails; other services make each change separately.</summary>
    /// <returns>The new version, or null if nothing changed or the service has no versions.</returns>
    /// <exception cref="AgbException">ContextNotFound, InvalidPath, FileNotFound, WrongFileType, NoSpace.</exception>
    Task<AgbContextVersion?> ChangeContextFilesAsync(
        string contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbContextVersion?>(AgbErrors.NotSupported(Name, "changing a context's files"));

    /// <summary>Makes a new version with the content of an earlier one.</summary>
    /// <returns>The new version.</returns>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound.</exception>
    Task<AgbContextVersion> RestoreContextAsync(string contextId, long version, CancellationToken cancellationToken = default) =>
        Task.FromException<AgbContextVersion>(AgbErrors.NotSupported(Name, "restoring versions"));
}
