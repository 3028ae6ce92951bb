namespace Agb.Store;

/// <summary>A version open for reading: its layers stay on disk until disposal, during uploads, compactions and
/// removals.</summary>
internal sealed class Snapshot : LayerTrees, IDisposable
{
    private readonly FileLock _reading;

    private Snapshot(StorePaths paths, FileLock reading, ContextRow context, string stack)
        : base(paths, stack)
    {
        _reading = reading;
        Context = context;
    }

    /// <summary>The context, from the transaction of the version.</summary>
    internal ContextRow Context { get; }

    /// <summary>Opens a version.</summary>
    /// <param name="paths">The store.</param>
    /// <param name="catalog">Its catalog.</param>
    /// <param name="contextId">The context.</param>
    /// <param name="version">The version; null for the newest, possibly none.</param>
    /// <param name="read">Reads more in the same transaction, by the version's stack.</param>
    /// <exception cref="AgbException">ContextNotFound, VersionNotFound.</exception>
    internal static Snapshot Open(
        StorePaths paths, CatalogDb catalog, string contextId, long? version = null, Action<CatalogTransaction, string>? read = null) =>
        Read(paths, catalog, contextId, version, FileLock.AcquireShared(paths.CollectionLock), read);

    /// <summary>Opens the newest version, possibly none.</summary>
    /// <param name="paths">The store.</param>
    /// <param name="catalog">Its catalog.</param>
    /// <param name="contextId">The context.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    internal static async Task<Snapshot> OpenAsync(
        StorePaths paths, CatalogDb catalog, string contextId, TimeProvider time, CancellationToken cancellationToken) =>
        Read(paths, catalog, contextId, null, await FileLock.AcquireAsync(paths.CollectionLock, time, cancellationToken, shared: true).ConfigureAwait(false));

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    // The lock comes first: a layer dropped between the two would look like deleted files.
    private static Snapshot Read(
        StorePaths paths, CatalogDb catalog, string contextId, long? version, FileLock reading, Action<CatalogTransaction, string>? read = null)
    {
        try
        {
            return catalog.Read(tx =>
            {
                var context = ContextTable.ById(tx, contextId) ?? throw AgbErrors.ContextNotFound(contextId);
                var stack = version is { } number
                    ? (VersionTable.Find(tx, contextId, number) ?? throw AgbErrors.VersionNotFound(contextId, number)).Stack
                    : VersionTable.HeadStack(tx, context);
                read?.Invoke(tx, stack);
                return new Snapshot(paths, reading, context, stack);
            });
        }
        catch
        {
            reading.Dispose();
            throw;
        }
    }
}
