namespace Agb.Engine;

/// <summary>Cleans up unfinished layers of dead processes: an uncommitted upload leaves no trace, and the session gets its tree
/// back.</summary>
/// <param name="paths">The store's paths.</param>
/// <param name="catalog">Its catalog.</param>
/// <param name="mounts">The mount methods.</param>
/// <param name="comings">The recovery of changed mounts.</param>
internal sealed class StagingRecovery(StorePaths paths, CatalogDb catalog, Func<MountKind, IContextMount> mounts, MountRecovery comings)
{
    /// <summary>Prefix of the lock names of changes without a session.</summary>
    internal const string ChangeLockPrefix = "files-";

    /// <summary>Cleans up the markers of all owners with a free lock.</summary>
    internal void Recover()
    {
        foreach (var (marker, layerId, owner) in Markers())
        {
            using var ownersLock = FileLock.TryAcquire(owner.LockFile(paths));
            // A held lock means a living owner. An owner that ended in the meantime has removed its marker.
            if (ownersLock is not null && new FileInfo(marker).LinkTarget is not null)
            {
                CleanUp(layerId, owner);
                if (owner.LockName is { } name)
                {
                    // Deleted under the lock, because a starting program may hold an inherited copy of the lock for a moment.
                    File.Delete(paths.ChangeLock(name));
                }
            }
        }
        foreach (var file in Directory.EnumerateFiles(paths.Locks, ChangeLockPrefix + "*"))
        {
            // No process waits for the lock of a change, so a free one is the leftover of a dead process.
            using var free = FileLock.TryAcquire(file);
            if (free is not null)
            {
                File.Delete(file);
            }
        }
        comings.Recover();
    }

    /// <summary>Cleans up the markers of one session under the caller's lock: a process may have died during an upload or
    /// download since the start of this one.</summary>
    internal void RecoverSession(string sessionId)
    {
        // First: the upload's marker may name the tree.
        new TreeSwap(paths, catalog).RecoverSession(sessionId);
        foreach (var (_, layerId, owner) in Markers())
        {
            if (owner.SessionId == sessionId)
            {
                CleanUp(layerId, owner);
            }
        }
        CleanUpDownloads(sessionId);
        comings.Run(sessionId);
    }

    private void CleanUpDownloads(string sessionId)
    {
        if (!Directory.Exists(paths.Session(sessionId)))
        {
            return;
        }
        // Temporary policy layers of the newest version, made for one download.
        foreach (var left in Directory.EnumerateDirectories(paths.Session(sessionId), "*" + StorePaths.PolicyLayerEnding + "-*"))
        {
            TreeRemover.Remove(left);
        }
        var (rows, sandbox) = catalog.Read(tx => (MountTable.OfSession(tx, sessionId), SessionTable.Find(tx, sessionId)?.Handle()));
        var running = sandbox is not null && sandbox.IsAlive ? sandbox : null;
        foreach (var row in rows)
        {
            var mount = mounts(row.Kind);
            DownloadMark.CleanUp(
                paths.Mount(sessionId, row.Name), mount.TreeName, mount.IsOverlay, running is null ? null : () => SessionRootView.Open(running, row.Path));
        }
    }

    private IEnumerable<(string Marker, string LayerId, StagingOwner Owner)> Markers()
    {
        foreach (var marker in Directory.EnumerateFileSystemEntries(paths.Staging, "*.owner"))
        {
            if (new FileInfo(marker).LinkTarget is not { } text)
            {
                continue;
            }
            var owner = StagingOwner.Parse(text) ?? throw new AgbException(
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The marker '{marker}' has the invalid text '{text}'.",
                "Check the files beside it, then remove it.");
            yield return (marker, Path.GetFileNameWithoutExtension(marker), owner);
        }
    }

    private void CleanUp(string layerId, StagingOwner owner)
    {
        if (!catalog.Read(tx => VersionTable.HasLayer(tx, layerId)))
        {
            if (owner is { TookOver: true, SessionId: { } session }
                && catalog.Read(tx => MountTable.OfSession(tx, session)).Find(m => m.Name == owner.MountName) is { } row)
            {
                AdoptedUpper.GiveBack(
                    paths, layerId, row, Path.Combine(paths.Mount(session, row.Name), mounts(row.Kind).TreeName));
            }
            TreeRemover.Remove(paths.Layer(layerId));
            TreeRemover.Remove(paths.Staged(layerId));
            LargeStaging.Remove(paths, layerId);
        }
        File.Delete(paths.Marker(layerId));
    }
}
