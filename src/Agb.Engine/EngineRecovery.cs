using System.Diagnostics;

namespace Agb.Engine;

/// <summary>Puts right what dead processes and power cuts left; runs beside a service's first operations, which need none of it.</summary>
internal sealed class EngineRecovery(EngineParts parts)
{
    internal async Task RunAsync()
    {
        if (parts.Paths.IsReadOnly)
        {
            return;
        }
        using (await FileLock.AcquireAsync(parts.Paths.RecoveryLock, parts.Time, CancellationToken.None).ConfigureAwait(false))
        {
            parts.Recovery.Recover();
            parts.Collector.RemoveCondemned();
            await parts.Clearer.RecoverAsync().ConfigureAwait(false);
            await RemoveOrphansAsync().ConfigureAwait(false);
            SessionLocks.RemoveLeft(parts.Paths, parts.Catalog);
        }
    }

    /// <summary>Session directories whose row a power cut took: nobody can name them any more.</summary>
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
                    Trace.TraceWarning("Agb: the directory {0}, which no session has, could not be removed: {1}", directory, e);
                    continue;
                }
            }
            File.Delete(parts.Paths.SessionLock(id));
        }
    }
}
