namespace Agb.Store;

/// <summary>The locks of sessions, whose files go when their sessions do. Who takes one for a session that ends meanwhile makes the
/// file anew, and nobody would ever remove it again.</summary>
internal static class SessionLocks
{
    /// <summary>What the ids of sessions begin with.</summary>
    internal const string IdPrefix = "s-";

    /// <summary>Takes the lock of a session that is not released.</summary>
    /// <returns>Null when another holds it, or there is no such session any more.</returns>
    internal static FileLock? TryAcquire(StorePaths paths, CatalogDb catalog, string sessionId)
    {
        var acquired = FileLock.TryAcquire(paths.SessionLock(sessionId));
        if (acquired is not null && RemoveIfGone(paths, catalog, sessionId))
        {
            acquired.Dispose();
            return null;
        }
        return acquired;
    }

    /// <summary>Removes the lock's file when its session is released or unknown. The caller holds the lock: whoever waits for it sees
    /// that the file is gone, and whoever is creating a session holds it before the catalog has the session.</summary>
    /// <returns>Whether the session is gone.</returns>
    internal static bool RemoveIfGone(StorePaths paths, CatalogDb catalog, string sessionId)
    {
        if (catalog.Read(tx => SessionTable.Find(tx, sessionId)) is { Status: not AgbSessionStatus.Released })
        {
            return false;
        }
        File.Delete(paths.SessionLock(sessionId));
        return true;
    }

    /// <summary>Removes the locks that earlier programs left.</summary>
    internal static void RemoveLeft(StorePaths paths, CatalogDb catalog)
    {
        var live = catalog.Read(SessionTable.Live).Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in Directory.EnumerateFiles(paths.Locks, IdPrefix + "*").Select(f => Path.GetFileName(f)!).Where(id => !live.Contains(id)))
        {
            using var free = TryAcquire(paths, catalog, id);
        }
    }
}
