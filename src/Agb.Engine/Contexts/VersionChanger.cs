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
            using var head = await Snapshot.OpenAsync(parts.Paths, parts.Catalog, id, parts.Time, cancellationToken).ConfigureAwait(false);
            using var wanted = Snapshot.Open(parts.Paths, parts.Catalog, id, version);
            using var before = head.Open();
            using var after = wanted.Open();
            var diff = StackDiff.Measure(before, after, cancellationToken);
            FaultPoint.Reach(FaultPoint.VersionCounted);
            made = parts.Catalog.Write(tx =>
            {
                // Looked up again: garbage collection may have dropped the version in the meantime.
                var stack = (VersionTable.Find(tx, id, version) ?? throw AgbErrors.VersionNotFound(id, version)).Stack;
                var now = parts.Time.GetUtcNow();
                // Otherwise the restored entries would expire at once, with their old age.
                OriginTable.RestartLifecycles(tx, id, now);
                return VersionCommit.Append(tx, diff.ToVersion(id, now, AgbVersionOrigin.Restore, stack));
            });
            FaultPoint.Reach(FaultPoint.VersionRecorded);
        }
        parts.Maintenance.Maintain(id);
        return made;
    }
}
