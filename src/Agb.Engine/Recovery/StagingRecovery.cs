namespace Agb.Engine;

/// <summary>Cleans up layers that a dead process had begun: an upload that was not recorded leaves no trace, and the
/// session has its tree again.</summary>
internal sealed class StagingRecovery(StorePaths paths, CatalogDb catalog, Func<MountKind, IContextMount> mounts)
{
    /// <summary>What the names of the locks of changes without a session begin with.</summary>
    internal const string ChangeLockPrefix = "files-";

    /// <summary>Looks at every marker whose owner's lock is free.</summary>
    internal void Recover()
    {
        foreach (var (marker, layerId, owner) in Markers())
        {
            using var ownersLock = FileLock.TryAcquire(owner.LockFile(paths));
            // A lock that is taken means a living owner. One that has ended meanwhile has removed its marker.
            if (ownersLock is not null && new FileInfo(marker).LinkTarget is not null)
            {
                CleanUp(layerId, owner);
                if (owner.LockName is { } name)
                {
                    // While it is held: a program that this process is just starting keeps it for an instant after that.
                    File.Delete(paths.ChangeLock(name));
                }
            }
        }
        foreach (var file in Directory.EnumerateFiles(paths.Locks, ChangeLockPrefix + "*"))
        {
            // Nobody waits for the lock of a change; a process that died left its file.
            using var free = FileLock.TryAcquire(file);
            if (free is not null)
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Looks at the markers of one session, whose lock the caller holds: a process may have died over an upload or a
    /// download after this one began its work.</summary>
    internal void RecoverSession(string sessionId)
    {
        foreach (var (_, layerId, owner) in Markers())
        {
            if (owner.SessionId == sessionId)
            {
                CleanUp(layerId, owner);
            }
        }
        CleanUpDownloads(sessionId);
    }

    private void CleanUpDownloads(string sessionId)
    {
        if (!Directory.Exists(paths.Session(sessionId)))
        {
            return;
        }
        // Layers for the newest version, made for the time of one download.
        foreach (var left in Directory.EnumerateDirectories(paths.Session(sessionId), "*" + StorePaths.GivenEnding + "-*"))
        {
            TreeRemover.Remove(left);
        }
        var (rows, sandbox) = catalog.Read(tx => (MountTable.OfSession(tx, sessionId), SessionTable.Find(tx, sessionId)?.Handle()));
        var running = sandbox is not null && SandboxStopper.IsAlive(sandbox) ? sandbox : null;
        foreach (var row in rows)
        {
            var mount = mounts(row.Kind);
            DownloadMark.CleanUp(
                paths.Mount(sessionId, row.Name), mount.TreeName, mount.IsOverlay, running is null ? null : () => LiveTree.Open(running, row.Path));
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
                AgbErrorIds.StoreCorrupt, AgbErrorKind.DataCorrupt, $"The marker '{marker}' says '{text}', which means nothing.",
                "Look at what lies beside it, then remove it.");
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
                TakenOverTree.GiveBack(
                    paths, layerId, row, Path.Combine(paths.Mount(session, row.Name), mounts(row.Kind).TreeName));
            }
            TreeRemover.Remove(paths.Layer(layerId));
            TreeRemover.Remove(paths.Staged(layerId));
        }
        File.Delete(paths.Marker(layerId));
    }
}
