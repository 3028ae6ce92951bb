using System.Runtime.CompilerServices;

namespace Agb.Engine;

/// <content>Contents of contexts, and their changes without a session.</content>
public sealed partial class EmbeddedService
{
    /// <summary>Entries of a listing read at a time: few enough to waste little work.</summary>
    private const int ListingBatch = 32;

    /// <inheritdoc/>
    public Task<AgbContext> RenameContextAsync(ContextId contextId, string newName, CancellationToken cancellationToken = default) =>
        ChangeAsync("renaming a context", () => _contexts.Rename(contextId, newName), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<AgbContextFile> ListContextFilesAsync(
        ContextId contextId, AgbContextFileQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (query.Version is null)
        {
            await CallAsync("listing a context's files", () => RecycledAsync(contextId, null, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        using var files = new StoredFiles(_parts).List(contextId, query).GetEnumerator();
        while (true)
        {
            var batch = await CallAsync("listing a context's files", () => Take(files, ListingBatch), cancellationToken).ConfigureAwait(false);
            foreach (var file in batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return file;
            }
            if (batch.Count < ListingBatch)
            {
                yield break;
            }
        }
    }

    /// <inheritdoc/>
    public Task<AgbContextFile> GetContextFileAsync(
        ContextId contextId, string path, long? version = null, CancellationToken cancellationToken = default) =>
        CallAsync(
            "reading a context's files",
            async () => (await RecycledAsync(contextId, version, cancellationToken).ConfigureAwait(false)).Get(contextId, path, version),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<AgbContextFile> FindContextFileAsync(string idOrName, string path, CancellationToken cancellationToken = default) =>
        await GetContextFileAsync(await FindContextAsync(idOrName, cancellationToken).ConfigureAwait(false), path, null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<AgbContextFileContent> OpenContextFileAsync(
        ContextId contextId, string path, long? version = null, long offset = 0, CancellationToken cancellationToken = default) =>
        CallAsync(
            "reading a context's files",
            async () => (await RecycledAsync(contextId, version, cancellationToken).ConfigureAwait(false)).Open(contextId, path, version, offset),
            cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContextVersion?> ChangeContextFilesAsync(
        ContextId contextId, IAsyncEnumerable<AgbContextFileChange> changes, CancellationToken cancellationToken = default) => ChangeAsync(
        "changing a context's files",
        async () => await new FileChanger(_parts).ChangeAsync(contextId, changes, cancellationToken).ConfigureAwait(false) is { } made
            ? _contexts.ToVersion(made)
            : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContext> ClearContextAsync(ContextId contextId, bool noWait = false, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            "clearing a context",
            async () => _contexts.Get(await new VersionChanger(_parts).ClearAsync(contextId, noWait, cancellationToken).ConfigureAwait(false)),
            cancellationToken);

    /// <inheritdoc/>
    public Task<AgbContextVersion> RestoreContextAsync(ContextId contextId, long version, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            "restoring a version",
            async () => _contexts.ToVersion(
                await new VersionChanger(_parts).RestoreAsync(contextId, version, cancellationToken).ConfigureAwait(false)),
            cancellationToken);

    /// <summary>The stored files; for the newest version, expired entries are removed first.</summary>
    private async Task<StoredFiles> RecycledAsync(ContextId contextId, long? version, CancellationToken cancellationToken)
    {
        if (version is null)
        {
            await RecycleAsync(contextId, cancellationToken).ConfigureAwait(false);
        }
        return new StoredFiles(_parts);
    }

    private static List<T> Take<T>(IEnumerator<T> items, int most)
    {
        var taken = new List<T>(most);
        while (taken.Count < most && items.MoveNext())
        {
            taken.Add(items.Current);
        }
        return taken;
    }
}
