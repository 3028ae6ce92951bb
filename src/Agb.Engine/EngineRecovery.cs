namespace Agb.Engine;

/// <summary>Cleans up after dead processes and power cuts, concurrently with a service's first operations.</summary>
internal sealed class EngineRecovery(EngineParts parts, StagingRecovery staging)
{
    internal async Task RunAsync()
    {
        if (parts.Paths.IsReadOnly)
        {
            return;
        }
        using (await FileLock.AcquireAsync(parts.Paths.RecoveryLock, parts.Time, CancellationToken.None).ConfigureAwait(false))
        {
            staging.Recover();
            new LargeCollector(parts.Paths, parts.Catalog).Run();
            parts.LayerGc.RemoveCondemned();
            parts.UnpackedLayers.Collect();
            await parts.Clearer.RecoverAsync().ConfigureAwait(false);
            await RemoveOrphansAsync().ConfigureAwait(false);
            RecoverForks();
            parts.ForkLayers.Collect();
            SessionLocks.RemoveLeft(parts.Paths, parts.Catalog);
        }
    }

    /// <summary>Gives sessions the trees back that a dead process was moving into a fork layer, or completes the move.</summary>
    private void RecoverForks()
    {
        var swap = new TreeSwap(parts.Paths, parts.Catalog);
        foreach (var (forkId, sessionId) in ForkLayers.Noted(parts.Paths).ToArray())
        {
            using var sessionLock = SessionLocks.TryAcquire(parts.Paths, parts.Catalog, sessionId);
            if (sessionLock is not null)
            {
                swap.RecoverSession(sessionId);
            }
            else if (parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId)) is not { Status: not AgbSessionStatus.Released })
            {
                swap.Complete(forkId);
            }
        }
    }

    /// <summary>Removes session directories whose row was lost in a power cut: their ids are unknown to clients.</summary>
    private async Task RemoveOrphansAsync()
    {
        foreach (var directory in Directory.EnumerateDirectories(parts.Paths.Sessions))
        {
            var id = StorePaths.SessionOf(directory);
            if (parts.Catalog.Read(tx => SessionTable.Find(tx, id)) is { Status: not AgbSessionStatus.Released })
            {
                continue;
            }
            using (var sessionLock = FileLock.TryAcquire(parts.Paths.SessionLock(id)))
            {
                if (sessionLock is null)
                {
                    continue;
                }
                try
                {
                    await parts.Driver.CleanUpAsync(directory, CancellationToken.None).ConfigureAwait(false);
                    TreeRemover.Remove(directory);
                }
                catch (Exception e) when (e is AgbException or IOException)
                {
                    parts.Log.OrphanKept(directory, e);
                    continue;
                }
            }
            File.Delete(parts.Paths.SessionLock(id));
        }
    }
}
