using System.Collections.Concurrent;

namespace Agb.Store;

/// <summary>Clears contexts. The request is a state in the catalog, executed by the next holder of the context's lock: it
/// survives the death of a process in between.</summary>
internal sealed class ClearJob(StorePaths paths, CatalogDb catalog, TimeProvider time, ContextMaintenance maintenance, ILogger log)
{
    private readonly ConcurrentDictionary<string, bool> _running = new(StringComparer.Ordinal);

    /// <summary>Registers the clear of a context.</summary>
    internal void Register(string contextId)
    {
        catalog.Write(tx =>
        {
            var context = ContextTable.ById(tx, contextId) ?? throw AgbErrors.ContextNotFound(contextId);
            if (VersionTable.HeadStack(tx, context).Length > 0)
            {
                ContextTable.SetState(tx, contextId, AgbContextState.Clearing);
            }
        });
        FaultPoint.Reach(FaultPoint.ClearRegistered);
    }

    /// <summary>Executes the registered clear in the background, unless this process already does.</summary>
    internal void Begin(string contextId)
    {
        if (_running.TryAdd(contextId, true))
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await FinishAsync(contextId).ConfigureAwait(false);
                }
                catch (Exception e) when (e is AgbException or IOException or UnauthorizedAccessException or ObjectDisposedException)
                {
                    log.ClearFailed(contextId, e);
                }
                finally
                {
                    _running.TryRemove(contextId, out _);
                }
            });
        }
    }

    /// <summary>Executes the registered clear, after the current writer of the context.</summary>
    internal async Task FinishAsync(string contextId)
    {
        using (await FileLock.AcquireAsync(paths.ContextLock(contextId), time, CancellationToken.None).ConfigureAwait(false))
        {
            await FinishLockedAsync(contextId, CancellationToken.None).ConfigureAwait(false);
        }
        maintenance.Maintain(contextId);
    }

    /// <summary>Executes clears left by dead processes.</summary>
    internal async Task RecoverAsync()
    {
        foreach (var context in catalog.Read(ContextTable.All).Where(c => c.State == AgbContextState.Clearing))
        {
            using var contextLock = FileLock.TryAcquire(paths.ContextLock(context.Id));
            if (contextLock is not null)
            {
                await FinishLockedAsync(context.Id, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Executes the registered clear, before any other change. The caller holds the context's lock.</summary>
    internal async Task FinishLockedAsync(string contextId, CancellationToken cancellationToken)
    {
        if (catalog.Read(tx => ContextTable.ById(tx, contextId)) is not { State: AgbContextState.Clearing })
        {
            return;
        }
        StackDiff diff;
        try
        {
            using var head = await Snapshot.OpenAsync(paths, catalog, contextId, time, cancellationToken).ConfigureAwait(false);
            using var before = head.Open();
            using var after = MergedDirectory.Empty();
            diff = StackDiff.Measure(before, after, cancellationToken);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.ContextNotFound)
        {
            // Removed meanwhile, with all its data.
            return;
        }
        catch (IOException)
        {
            // A damaged store: the context stays unchanged, and available for its readable part.
            catalog.Write(tx => ContextTable.SetState(tx, contextId, AgbContextState.Available));
            throw;
        }
        FaultPoint.Reach(FaultPoint.VersionCounted);
        catalog.Write(tx => Record(tx, contextId, diff));
        FaultPoint.Reach(FaultPoint.VersionRecorded);
    }

    private void Record(CatalogTransaction tx, string contextId, StackDiff diff)
    {
        if (ContextTable.ById(tx, contextId) is not { State: AgbContextState.Clearing })
        {
            return;
        }
        ContextTable.SetState(tx, contextId, AgbContextState.Available);
        if (!diff.IsEmpty)
        {
            VersionCommit.Append(tx, diff.ToVersion(contextId, time.GetUtcNow(), AgbVersionOrigin.Clear));
        }
    }
}
