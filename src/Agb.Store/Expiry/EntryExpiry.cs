namespace Agb.Store;

/// <summary>Deletes expired data from contexts, in a separate version. No daemon: every process with the engine checks
/// periodically, and before it shows or changes a context. A check costs one query, unless data is due.</summary>
internal sealed class EntryExpiry(StorePaths paths, CatalogDb catalog, ContextMaintenance maintenance, TimeProvider time, ILogger log)
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
            maintenance.Maintain(contextId);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.ContextNotFound)
        {
            // Removed meanwhile, with all its data.
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
        using var head = Snapshot.Open(paths, catalog, contextId);
        var now = time.GetUtcNow();
        var (origins, times) = catalog.Read(tx => (OriginTable.OfContext(tx, contextId), new LayerTimes(paths, tx, contextId)));
        // A clear of the context deletes everything anyway.
        if (head.Context.State == AgbContextState.Clearing)
        {
            return;
        }
        var walks = new List<(OriginRow Origin, ExpiryWalk Walk)>();
        foreach (var origin in origins.Where(o => o.NextRecycle <= now))
        {
            walks.Add((origin, Walk(origin, origins, head, times, now, cancellationToken)));
        }
        var expired = walks.SelectMany(w => w.Walk.Expired.Select(p => BytePath.Join(BytePath.FromRoot(w.Origin.Path), p))).Order(StringComparer.Ordinal).ToArray();
        if (expired.Length == 0)
        {
            catalog.WriteLazily(tx => SetNext(tx, contextId, walks));
            return;
        }
        using var view = head.Open();
        using var staged = StagedLayer.Begin(paths, new StagingOwner(null, null, false, contextId));
        Hide(expired, staged, view);
        FaultPoint.Reach(FaultPoint.StagingWritten);
        staged.Place();
        staged.Flush(int.MaxValue);
        FaultPoint.Reach(FaultPoint.LayerFlushed);
        catalog.Write(tx =>
        {
            var version = new VersionRow
            {
                ContextId = contextId,
                CreatedAt = now,
                Origin = AgbVersionOrigin.Recycle,
                FilesDeleted = walks.Sum(w => w.Walk.Files),
                BytesRemoved = ByteSum.Of(walks.Select(w => w.Walk.Bytes)),
            };
            VersionCommit.Append(tx, version, staged, expired.Length);
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
        OriginRow origin, List<OriginRow> all, Snapshot head, LayerTimes times, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var place = BytePath.FromRoot(origin.Path);
        var others = all.Select(o => BytePath.FromRoot(o.Path)).Where(p => p != place).ToHashSet(StringComparer.Ordinal);
        var walk = new ExpiryWalk(
            origin.RecyclePaths, path => others.Contains(BytePath.Join(place, path)),
            (ordinal, path) =>
            {
                var stored = times.StoredAt(head.Layers[ordinal], BytePath.Join(place, path));
                return stored > origin.RecycleFrom ? stored : origin.RecycleFrom;
            },
            TimeSpan.FromDays((int)origin.Lifecycle), now, cancellationToken);
        using var view = head.Open(place);
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
