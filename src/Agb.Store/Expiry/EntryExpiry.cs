using Microsoft.Extensions.Logging;

namespace Agb.Store;

/// <summary>Deletes expired data from contexts, in a separate version. No daemon: every process with the engine checks
/// periodically, and before it shows or changes a context. A check costs one query, unless data is due.</summary>
internal sealed class EntryExpiry(StorePaths paths, CatalogDb catalog, ContextMaintenance upkeep, TimeProvider time, ILogger log)
{
    /// <summary>Checks all contexts.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var contextId in catalog.Read(tx => OriginTable.DueContexts(tx, time.GetUtcNow())))
        {
            await RunAsync(contextId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Checks one context. A failure is retried at the next check: callers do not depend on the result.</summary>
    /// <param name="contextId">The context.</param>
    /// <param name="cancellationToken">Cancels the wait and the check.</param>
    /// <param name="wait">Whether to wait for another writer of the context; otherwise the
    /// check is left for the next time.</param>
    internal async Task RunAsync(string contextId, CancellationToken cancellationToken, bool wait = false)
    {
        try
        {
            if (!IsDue(contextId))
            {
                return;
            }
            using (var contextLock = wait
                ? await FileLock.AcquireAsync(paths.ContextLock(contextId), time, cancellationToken).ConfigureAwait(false)
                : FileLock.TryAcquire(paths.ContextLock(contextId)))
            {
                if (contextLock is null)
                {
                    return;
                }
                Recycle(contextId, cancellationToken);
            }
            upkeep.Maintain(contextId);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.ExpiryFailed(contextId, e);
        }
    }

    private bool IsDue(string contextId) => catalog.Read(tx => OriginTable.IsDue(tx, contextId, time.GetUtcNow()));

    private void Recycle(string contextId, CancellationToken cancellationToken)
    {
        // Shared by readers of layers without a mount: the context's lock alone protects only the newest version's layers.
        using var reading = FileLock.AcquireShared(paths.CollectionLock);
        var now = time.GetUtcNow();
        var (context, origins, stack, times) = catalog.Read(tx =>
        {
            var row = ContextTable.ById(tx, contextId);
            return (row, OriginTable.OfContext(tx, contextId), row is null ? "" : VersionTable.HeadStack(tx, row), new LayerTimes(paths, tx, contextId));
        });
        // A clear of the context deletes everything anyway.
        if (context is null or { State: AgbContextState.Clearing })
        {
            return;
        }
        var layers = LayerStack.Parse(stack);
        var walks = new List<(OriginRow Origin, ExpiryWalk Walk)>();
        foreach (var origin in origins.Where(o => o.NextRecycle <= now))
        {
            var walk = Walk(origin, origins, layers, times, now, cancellationToken);
            walks.Add((origin, walk));
        }
        var expired = walks.SelectMany(w => w.Walk.Expired.Select(p => BytePath.Join(BytePath.FromRoot(w.Origin.Path), p))).Order(StringComparer.Ordinal).ToArray();
        if (expired.Length == 0)
        {
            catalog.WriteLazily(tx => SetNext(tx, contextId, walks));
            return;
        }
        using var head = MergedDirectory.Open(layers.Select(paths.LayerTree), "");
        using var staged = StagedLayer.Begin(paths, new StagingOwner(null, null, false, contextId));
        Hide(expired, staged, head);
        FaultPoint.Reach(FaultPoint.StagingWritten);
        staged.Place();
        staged.Flush(int.MaxValue);
        FaultPoint.Reach(FaultPoint.LayerFlushed);
        catalog.Write(tx =>
        {
            VersionTable.InsertLayer(tx, new NewLayer
            {
                Id = staged.Id, ContextId = contextId, CreatedAt = now, StoredAt = now, Entries = expired.Length,
            });
            SealTable.Put(tx, staged.Id, staged.Seal);
            VersionTable.Insert(tx, new VersionRow
            {
                ContextId = contextId,
                Version = context.Head + 1,
                CreatedAt = now,
                Origin = AgbVersionOrigin.Recycle,
                FilesDeleted = walks.Sum(w => w.Walk.Files),
                BytesRemoved = ByteSum.Of(walks.Select(w => w.Walk.Bytes)),
                Stack = LayerStack.Format([staged.Id, .. layers]),
            });
            ContextTable.SetHead(tx, contextId, context.Head + 1);
            ArchiveTable.SetKnown(tx, staged.Id, []);
            SetNext(tx, contextId, walks);
        });
        staged.Recorded(log);
    }

    private static void Hide(string[] expired, StagedLayer staged, MergedDirectory head)
    {
        using var writer = new PolicyLayerWriter(staged.Tree.OpenDirectoryAt("."), head);
        foreach (var path in expired)
        {
            writer.Hide(path);
        }
        writer.Finish();
    }

    private ExpiryWalk Walk(
        OriginRow origin, List<OriginRow> all, string[] layers, LayerTimes times, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var place = BytePath.FromRoot(origin.Path);
        var others = all.Select(o => BytePath.FromRoot(o.Path)).Where(p => p != place).ToHashSet(StringComparer.Ordinal);
        var walk = new ExpiryWalk(
            origin.RecyclePaths, path => others.Contains(BytePath.Join(place, path)),
            (ordinal, path) =>
            {
                var stored = times.StoredAt(layers[ordinal], BytePath.Join(place, path));
                return stored > origin.RecycleFrom ? stored : origin.RecycleFrom;
            },
            TimeSpan.FromDays((int)origin.Lifecycle), now, cancellationToken);
        using var view = MergedDirectory.Open(layers.Select(paths.LayerTree), place);
        walk.Visit(view);
        return walk;
    }

    // An empty origin has no expiry before new data reaches the full lifecycle.
    private static void SetNext(CatalogTransaction tx, string contextId, List<(OriginRow Origin, ExpiryWalk Walk)> walks)
    {
        foreach (var (origin, walk) in walks)
        {
            OriginTable.SetNextRecycle(tx, contextId, origin.Path, walk.Next);
        }
    }
}
