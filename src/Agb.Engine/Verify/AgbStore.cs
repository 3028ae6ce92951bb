namespace Agb.Engine;

/// <summary>Work on a store as a whole, beside the service that uses it.</summary>
public static class AgbStore
{
    /// <summary>Whether a directory holds a store, or what is left of one.</summary>
    public static bool Exists(string homeDirectory)
    {
        var paths = new StorePaths(homeDirectory);
        return File.Exists(paths.FormatFile) || File.Exists(paths.Catalog) || Directory.Exists(paths.Layers);
    }

    /// <summary>Checks, before anything is written there, that using a directory as a home or a data directory locks no other user out.</summary>
    /// <exception cref="AgbException">AccessDenied: it is another user's. InvalidPath: its path is too long, or no directory.
    /// ReadOnlyStore: nothing can be written there.</exception>
    public static void RequireUsable(string directory)
    {
        StoreHome.Require(directory);
        if (Directory.Exists(directory) && StoreHome.IsReadOnly(directory))
        {
            throw StoreErrors.ReadOnly($"The directory '{directory}' can be read and not written to.");
        }
    }

    /// <summary>Compares the catalog with the layers, and both with what was recorded of them when they were made. Services may use
    /// the store meanwhile; their collection of old layers waits.</summary>
    /// <param name="homeDirectory">The AGB home directory.</param>
    /// <param name="options">How; null for a quick look that changes nothing.</param>
    /// <param name="cancellationToken">Ends the check; what was repaired by then stays repaired.</param>
    /// <exception cref="AgbException">InvalidPath when there is no store; AccessDenied, also when the store is another user's; NoSpace;
    /// ReadOnlyStore when something is to be repaired where nothing can be written.</exception>
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
            throw StoreErrors.ReadOnly($"The store '{paths.Home}' can be checked and not repaired: nothing can be written there.");
        }
        var found = new Findings();
        if (!CatalogCheck.CanBeRead(paths, found))
        {
            return found.ToReport(paths.Home);
        }
        // On read-only media nothing is recorded, so checks need not wait for each other.
        using var alone = paths.IsReadOnly ? null : await LockAsync(paths, cancellationToken).ConfigureAwait(false);
        using (var catalog = CatalogDb.Open(paths))
        {
            await RunAsync(new StoreCheck(paths, catalog, options, found, cancellationToken), paths, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Runs a check while no layer is removed from disk.</summary>
    internal static async Task RunAsync(StoreCheck check, StorePaths paths, CancellationToken cancellationToken)
    {
        using var reading = await FileLock.AcquireAsync(paths.CollectionLock, TimeProvider.System, cancellationToken, shared: true).ConfigureAwait(false);
        check.Run();
    }
}
