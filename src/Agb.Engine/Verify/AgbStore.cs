namespace Agb.Engine;

/// <summary>Operations on a whole store, beside the services in use of it.</summary>
public static class AgbStore
{
    /// <summary>Whether a directory holds a store or remains of one.</summary>
    public static bool Exists(string homeDirectory)
    {
        var paths = new StorePaths(homeDirectory);
        return File.Exists(paths.FormatFile) || File.Exists(paths.Catalog) || Directory.Exists(paths.Layers);
    }

    /// <summary>Checks, before any write, that the use of a directory as home or data directory locks no other user
    /// out.</summary>
    /// <exception cref="AgbException">AccessDenied: another user owns it. InvalidPath: the path is too long or not a directory.
    /// ReadOnlyStore: the directory is not writable.</exception>
    public static void RequireUsable(string directory)
    {
        StoreHome.Require(directory);
        if (Directory.Exists(directory) && StoreHome.IsReadOnly(directory))
        {
            throw StoreErrors.ReadOnly($"The directory '{directory}' is read-only.");
        }
    }

    /// <summary>Compares the catalog with the layers, and both with their recorded checksums. Services may use the store
    /// meanwhile; their garbage collection waits.</summary>
    /// <param name="homeDirectory">The AGB home directory.</param>
    /// <param name="options">The options; null for a quick check without changes.</param>
    /// <param name="cancellationToken">Cancels the check; completed repairs stay.</param>
    /// <exception cref="AgbException">InvalidPath when there is no store; AccessDenied, also for another user's store; NoSpace;
    /// ReadOnlyStore for a repair of a read-only store.</exception>
    public static async Task<AgbStoreReport> CheckAsync(
        string homeDirectory, AgbStoreCheckOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (!Exists(homeDirectory))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"'{homeDirectory}' holds no AGB store: it has no format file, no catalog and no layers.",
                "Name the AGB home directory, or the data directory of a server.", homeDirectory);
        }
        var paths = new StorePaths(Path.GetFullPath(homeDirectory).TrimEnd('/'));
        return await Task.Run(
            () => ErrorTranslation.GuardAsync(
                $"checking the store '{paths.Home}'", () => CheckAsync(paths, options ?? new AgbStoreCheckOptions(), cancellationToken)),
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<AgbStoreReport> CheckAsync(StorePaths paths, AgbStoreCheckOptions options, CancellationToken cancellationToken)
    {
        StoreHome.Require(paths.Home);
        if (paths.IsReadOnly && (options.Repair || options.RemoveOrphans))
        {
            throw StoreErrors.ReadOnly($"The store '{paths.Home}' is read-only: it can be checked but not repaired.");
        }
        var found = new Findings();
        if (!CatalogCheck.CanBeRead(paths, found))
        {
            return found.ToReport(paths.Home);
        }
        // On read-only media a check records nothing, so checks can run in parallel.
        using var alone = paths.IsReadOnly ? null : await LockAsync(paths, cancellationToken).ConfigureAwait(false);
        using (var catalog = CatalogDb.Open(paths))
        {
            await RunAsync(new StoreCheck(paths, catalog, options, found, SessionHandles.Check, cancellationToken), paths, cancellationToken).ConfigureAwait(false);
        }
        if (options.Repair && found.Problems.Any(p => !p.IsRepaired))
        {
            await new StoreRepair(paths, found).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        if (options.RemoveOrphans)
        {
            using var catalog = CatalogDb.Open(paths.Catalog);
            await new OrphanRemoval(paths, catalog, found).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        return found.ToReport(paths.Home);
    }

    private static Task<FileLock> LockAsync(StorePaths paths, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(paths.Locks);
        return FileLock.AcquireAsync(paths.CheckLock, TimeProvider.System, cancellationToken);
    }

    /// <summary>Runs a check with garbage collection of layers blocked.</summary>
    internal static async Task RunAsync(StoreCheck check, StorePaths paths, CancellationToken cancellationToken)
    {
        using var reading = await FileLock.AcquireAsync(paths.CollectionLock, TimeProvider.System, cancellationToken, shared: true).ConfigureAwait(false);
        check.Run();
    }
}
