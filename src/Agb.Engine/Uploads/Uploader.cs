namespace Agb.Engine;

/// <summary>Result of an upload.</summary>
/// <param name="Version">The new version, or null if there were no changes.</param>
/// <param name="Files">Files added, changed and deleted.</param>
/// <param name="Bytes">Bytes of content stored.</param>
/// <param name="Skipped">Skipped entries, one line each.</param>
internal sealed record UploadResult(long? Version, long Files, long Bytes, IReadOnlyList<string> Skipped)
{
    /// <summary>Warnings for the user, one line each.</summary>
    internal IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Conditions of an upload.</summary>
/// <param name="Released">Whether the last writer of the session's tree has ended, so its files can be linked or moved into the
/// layer instead of copied.</param>
/// <param name="Doubt">The reason why the tree may be incomplete, as a clause: only provably whole entries are taken then. Null
/// if sound.</param>
internal sealed record UploadCare(bool Released, string? Doubt)
{
    /// <summary>Whether this is the last upload of a release.</summary>
    public bool EndsRelease { get; init; }

    /// <summary>Whether the session's tree is read-only for the session.</summary>
    public bool IsFrozen { get; init; }
}

/// <summary>Commits a session's changes as the next version of its context. docs/format.md describes the order of writes, and why
/// a kill at any moment leaves either the old version or the new one.</summary>
internal sealed class Uploader(StorePaths paths, CatalogDb catalog, TimeProvider time, ClearJob clearer, ILogger log)
{
    private const int MaxSkippedLines = 100;

    private readonly UploadPlanner _planner = new(paths, catalog);

    /// <summary>Uploads one mount. The caller holds the session's lock.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="mount">The mount method.</param>
    /// <param name="care">The conditions.</param>
    /// <param name="maxDeletePercent">The limit of deletions in percent of the stored files; null for none.</param>
    /// <param name="progress">Gets the progress.</param>
    /// <param name="cancellationToken">Cancels the upload until its commit.</param>
    internal async Task<UploadResult> UploadAsync(
        MountRow row, IContextMount mount, UploadCare care, double? maxDeletePercent, SyncProgress progress,
        CancellationToken cancellationToken)
    {
        if (care.Released && !Directory.Exists(UploadSource.TreePath(paths, row, mount)))
        {
            // A release interrupted after the commit of its upload: the tree has become a layer.
            return new UploadResult(null, 0, 0, []);
        }
        using var source = UploadSource.Open(paths, row, mount, care);
        await source.SettleAsync(cancellationToken).ConfigureAwait(false);
        using var early = new WriteBehind(paths.Layers);
        var plan = _planner.Plan(source, early, maxDeletePercent, cancellationToken);
        progress.Expect(plan.Files, plan.Bytes);
        var leftOut = LeftOut(source, plan);
        if (plan.Steps.Count == 0)
        {
            return new UploadResult(null, 0, 0, Shown(source, plan)) { Warnings = leftOut };
        }
        var isEmptied = _planner.IsEmptied(source, plan);
        using var upload = UploadStrategy.Begin(paths, source, plan);
        try
        {
            await StageAsync(upload, early, progress, cancellationToken).ConfigureAwait(false);
            var version = await CommitAsync(upload, early, cancellationToken).ConfigureAwait(false);
            return new UploadResult(version, plan.Files, plan.Bytes, Shown(source, plan))
            {
                Warnings = isEmptied ? [UploadDecision.Emptied(row, plan.FilesDeleted, version - 1)] : leftOut,
            };
        }
        catch when (upload.HoldsTree)
        {
            upload.GiveBack();
            throw;
        }
    }

    /// <summary>Plans an upload. The caller holds the session's lock.</summary>
    /// <exception cref="AgbException">TooManyDeletions.</exception>
    internal SyncPlan Plan(MountRow row, IContextMount mount, string? doubt, double? maxDeletePercent, CancellationToken cancellationToken)
    {
        using var source = UploadSource.Open(paths, row, mount, new UploadCare(Released: false, doubt));
        return _planner.Plan(source, early: null, maxDeletePercent, cancellationToken);
    }

    /// <summary>Fills the layer, without a trace for readers.</summary>
    private async Task StageAsync(UploadStrategy upload, WriteBehind early, SyncProgress progress, CancellationToken cancellationToken)
    {
        using (var head = await Snapshot.OpenAsync(paths, catalog, upload.Source.Row.ContextId, time, cancellationToken).ConfigureAwait(false))
        {
            upload.MakeParents(head);
        }
        upload.Fill(progress, cancellationToken);
        early.Begin(upload.Entries);
        FaultPoint.Reach(FaultPoint.StagingWritten);
    }

    /// <summary>Makes the layer the next version.</summary>
    /// <returns>The version.</returns>
    private async Task<long> CommitAsync(UploadStrategy upload, WriteBehind early, CancellationToken cancellationToken)
    {
        var (source, plan, staged) = (upload.Source, upload.Plan, upload.Staged);
        plan.Manifest.Distrust(source.Young);
        plan.Manifest.KeepStored(source.Previous);
        using var record = new BackgroundTask(
            aside: plan.Manifest.Count >= InodePlacement.ManyFiles,
            () => plan.Manifest.Save(ManifestFiles.PathOf(source.Directory, staged.Id)));
        using var contextLock = await FileLock.AcquireAsync(
            paths.ContextLock(source.Row.ContextId), time, cancellationToken).ConfigureAwait(false);
        await clearer.FinishLockedAsync(source.Row.ContextId, cancellationToken).ConfigureAwait(false);
        long bytesRemoved;
        using (var head = Snapshot.Open(paths, catalog, source.Row.ContextId))
        {
            RequireMode(source.Row, head);
            upload.FitToHead(head, cancellationToken);
            bytesRemoved = upload.CountBytesRemoved(head, cancellationToken);
        }
        FaultPoint.Reach(FaultPoint.StagingRebased);
        staged.Place(known: upload.Known);
        record.Finish();
        early.Finish();
        staged.Flush(upload.Entries);
        ManifestFiles.Flush(source.Directory, staged.Id);
        FaultPoint.Reach(FaultPoint.LayerFlushed);
        var version = Record(upload, bytesRemoved);
        staged.Recorded(log);
        ManifestFiles.RemoveOld(source.Directory, staged.Id, log);
        return version;
    }

    private static IReadOnlyList<string> LeftOut(UploadSource source, SyncPlan plan) =>
        source.Care.Doubt is { } doubt && plan.Skipped.Count > 0 ? [UploadDecision.LeftOut(source.Row, plan.Skipped.Count, doubt)] : [];

    private static IReadOnlyList<string> Shown(UploadSource source, SyncPlan plan) =>
        source.Care.Doubt is not null || plan.Skipped.Count <= MaxSkippedLines
            ? plan.Skipped
            : [.. plan.Skipped.Take(MaxSkippedLines - 1), $"and {plan.Skipped.Count - MaxSkippedLines + 1} more"];

    /// <summary>Checks the mode again under the context's lock, held by the caller: two sessions may have started on empty data
    /// with different modes.</summary>
    private void RequireMode(MountRow row, Snapshot head)
    {
        var origins = catalog.Read(tx => OriginTable.OfContext(tx, row.ContextId));
        UploadModes.Require(origins, row.ContextId, row.Rules, head);
    }

    private long Record(UploadStrategy upload, long bytesRemoved) => catalog.Write(tx =>
    {
        var (row, plan, staged, now) = (upload.Source.Row, upload.Plan, upload.Staged, time.GetUtcNow());
        var made = new VersionRow
        {
            ContextId = row.ContextId,
            CreatedAt = now,
            Origin = AgbVersionOrigin.Upload,
            SessionId = row.SessionId,
            FilesAdded = plan.FilesAdded,
            FilesChanged = plan.FilesChanged,
            FilesDeleted = plan.FilesDeleted,
            Bytes = plan.Bytes,
            BytesRemoved = bytesRemoved,
        };
        var version = VersionCommit.Append(tx, made, staged, upload.Entries, plan.HasLinks).Version;
        OriginTable.PutUploaded(tx, row, now);
        ArchiveTable.SetKnown(tx, staged.Id, upload.StoredArchives);
        MountTable.SetUploaded(tx, row, row.Seen == version - 1 ? version : null, staged.Id);
        if (upload.Source.Care.EndsRelease)
        {
            // Durable with the version: after a power cut the session's remaining files are not needed.
            SessionTable.SetDiscarding(tx, row.SessionId);
        }
        return version;
    });
}
