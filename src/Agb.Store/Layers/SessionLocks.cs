namespace Agb.Store;

/// <summary>Locks of sessions. Each file is removed with its session: a lock attempt on an ending session would create the file
/// again, and leave it forever.</summary>
internal static class SessionLocks
{
    /// <summary>Prefix of session ids.</summary>
    internal const string IdPrefix = "s-";

    /// <summary>Takes the lock of an unreleased session.</summary>
    /// <returns>Null if another process holds the lock, or the session is gone.</returns>
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

    /// <summary>Removes the lock's file for a released or unknown session. The caller holds the lock: waiters see the removal
    /// of the file, and a creator of a session holds the lock before the catalog has the session.</summary>
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

    /// <summary>Removes the locks left by earlier programs.</summary>
    internal static void RemoveLeft(StorePaths paths, CatalogDb catalog)
    {
        var live = catalog.Read(SessionTable.Live).Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in Directory.EnumerateFiles(paths.Locks, IdPrefix + "*").Select(f => Path.GetFileName(f)!).Where(id => !live.Contains(id)))
        {
            using var free = TryAcquire(paths, catalog, id);
        }
    }
}
