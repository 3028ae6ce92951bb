namespace Agb.Engine;

/// <summary>Clears contexts and restores versions. Neither moves data: a version is a list of layers.</summary>
internal sealed class VersionChanger(EngineParts parts)
{
    /// <summary>Clears a context.</summary>
    /// <returns>The context's id.</returns>
    internal async Task<string> ClearAsync(string contextId, bool noWait, CancellationToken cancellationToken)
    {
        var id = parts.Catalog.Read(tx => ContextOperations.Require(tx, contextId)).Id;
        parts.Clearer.Register(id);
        if (noWait)
        {
            parts.Clearer.Begin(id);
        }
        else
        {
            // The caller's token ends the wait; a registered clearing is completed.
            await Task.Run(() => parts.Clearer.FinishAsync(id), CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        return id;
    }

    /// <summary>Creates a new version from the layers of an earlier one.</summary>
    internal async Task<VersionRow> RestoreAsync(string contextId, long version, CancellationToken cancellationToken)
    {
        var id = parts.Catalog.Read(tx => ContextOperations.Require(tx, contextId)).Id;
        VersionRow made;
        using (await FileLock.AcquireAsync(parts.Paths.ContextLock(id), parts.Time, cancellationToken).ConfigureAwait(false))
        {
            await parts.Clearer.FinishLockedAsync(id, cancellationToken).ConfigureAwait(false);
            using var reading = await FileLock
                .AcquireAsync(parts.Paths.CollectionLock, parts.Time, cancellationToken, shared: true).ConfigureAwait(false);
            var (head, wanted) = parts.Catalog.Read(
                tx => (VersionTable.HeadStack(tx, ContextOperations.Require(tx, id)), Require(tx, id, version).Stack));
            using var before = Open(head);
            using var after = Open(wanted);
            var diff = StackDiff.Measure(before, after, cancellationToken);
            FaultPoint.Reach(FaultPoint.VersionCounted);
            made = parts.Catalog.Write(tx =>
            {
                // Looked up again: garbage collection may have dropped the version in the meantime.
                var stack = Require(tx, id, version).Stack;
                var context = ContextTable.ById(tx, id) ?? throw AgbErrors.ContextNotFound(id);
                var now = parts.Time.GetUtcNow();
                // Otherwise the restored entries would expire at once, with their old age.
                OriginTable.RestartLifecycles(tx, id, now);
                return VersionTable.Append(tx, new VersionRow
                {
                    ContextId = id,
                    Version = context.Head + 1,
                    CreatedAt = now,
                    Origin = AgbVersionOrigin.Restore,
                    FilesAdded = diff.Added,
                    FilesChanged = diff.Changed,
                    FilesDeleted = diff.Deleted,
                    Bytes = diff.Bytes,
                    BytesRemoved = diff.BytesRemoved,
                    Stack = stack,
                });
            });
            FaultPoint.Reach(FaultPoint.VersionRecorded);
        }
        parts.Upkeep.Maintain(id);
        return made;
    }

    private static VersionRow Require(CatalogTransaction tx, string contextId, long version) =>
        VersionTable.Find(tx, contextId, version) ?? throw AgbErrors.VersionNotFound(contextId, version);

    private MergedDirectory Open(string stack) => MergedDirectory.Open(LayerStack.Parse(stack).Select(parts.Paths.LayerTree), "");
}
