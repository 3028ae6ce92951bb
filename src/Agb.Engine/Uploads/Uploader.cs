using System.Diagnostics;

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
}

/// <summary>Commits a session's changes as the next version of its context. docs/format.md describes the order of writes, and why
/// a kill at any moment leaves either the old version or the new one.</summary>
internal sealed class Uploader(StorePaths paths, CatalogDb catalog, TimeProvider time, ContextClearer clearer)
{
    private const int MaxSkippedLines = 100;

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
        var (released, doubt) = care;
        var directory = paths.Mount(row.SessionId, row.Name);
        var treePath = Path.Combine(directory, mount.TreeName);
        if (released && !Directory.Exists(treePath))
        {
            // A release interrupted after the commit of its upload: the tree has become a layer.
            return new UploadResult(null, 0, 0, []);
        }
        using var tree = Fd.OpenTree(treePath);
        var previous = PreviousManifest(row, mount, doubt);
        var young = released ? long.MaxValue : await ClockGrain.SettleAsync(cancellationToken).ConfigureAwait(false);
        var takeOver = released && doubt is null && mount.IsOverlay && row.Manifest is null && !row.IsPartial(paths) && !IsArchive(row);
        using var early = new EarlyFlush(paths.Layers);
        // An adopted tree consists of data already written by the session, so its flush can start early.
        var plan = MakePlan(row, mount, tree, previous, takeOver ? early : null, cancellationToken);
        LeaveDoubtful(row, plan, tree, doubt, cancellationToken);
        // Entries of a renamed directory are in other layers and have to be linked.
        takeOver &= !plan.HasRenames;
        RequireFewDeletions(row, plan, maxDeletePercent);
        progress.Expect(plan.Files, plan.Bytes);
        var isEmptied = plan.FilesDeleted > 0 && IsEmptied(row, mount, tree, plan);
        var skipped = Shown(plan.Skipped, all: doubt is not null);
        IReadOnlyList<string> left = doubt is not null && skipped.Count > 0 ? [UploadDecision.LeftOut(row, skipped.Count, doubt)] : [];
        if (plan.Steps.Count == 0)
        {
            return new UploadResult(null, 0, 0, skipped) { Warnings = left };
        }
        using var staged = StagedLayer.Begin(
            paths, new StagingOwner(row.SessionId, row.Name, takeOver, row.ContextId), files: takeOver ? 0 : plan.Steps.Count);
        var session = new UploadStaging(paths, catalog, row, mount, staged, plan);
        int entries;
        try
        {
            using (await FileLock.AcquireAsync(paths.CollectionLock, time, cancellationToken, shared: true).ConfigureAwait(false))
            {
                // Reads layers of the newest version, so garbage collection is blocked: a compaction may drop them.
                session.MakeParents();
            }
            if (takeOver)
            {
                // Ends a temporary access, so the layer is flushed with the original permissions.
                tree.Dispose();
            }
            entries = takeOver ? session.TakeOver(directory, cancellationToken) : session.Write(tree, released, progress, cancellationToken);
            early.Begin(entries);
            FaultPoint.Reach(FaultPoint.StagingWritten);
            plan.Manifest.Distrust(young);
            plan.Manifest.KeepStored(previous);
            using var record = new SideWork(
                aside: plan.Manifest.Count >= InodePlacement.ManyFiles, () => plan.Manifest.Save(ManifestPath(directory, staged.Id)));
            using var contextLock = await FileLock.AcquireAsync(paths.ContextLock(row.ContextId), time, cancellationToken).ConfigureAwait(false);
            await clearer.FinishLockedAsync(row.ContextId, cancellationToken).ConfigureAwait(false);
            RequireMode(row);
            using (var reading = FileLock.AcquireShared(paths.CollectionLock))
            using (var archived = IsArchive(row) ? session.OpenArchived(cancellationToken) : null)
            {
                session.Rebase(previous, archived?.Root);
                if (archived is not null)
                {
                    plan.Skipped.AddRange(session.Pack(archived, cancellationToken));
                }
            }
            var bytesRemoved = session.CountBytesRemoved(cancellationToken);
            FaultPoint.Reach(FaultPoint.StagingRebased);
            staged.Place(known: session.Known);
            record.Finish();
            early.Finish();
            staged.Flush(entries);
            FlushManifest(directory, staged.Id);
            FaultPoint.Reach(FaultPoint.LayerFlushed);
            var version = Record(row, staged, plan, bytesRemoved, entries, care.EndsRelease);
            staged.Recorded();
            RemoveOldManifests(directory, staged.Id);
            return new UploadResult(version, plan.Files, plan.Bytes, Shown(plan.Skipped, all: doubt is not null))
            {
                Warnings = isEmptied ? [UploadDecision.Emptied(row, plan.FilesDeleted, version - 1)] : left,
            };
        }
        catch when (takeOver && !staged.IsRecorded)
        {
            staged.KeepForRecovery = true;
            session.GiveBack(directory);
            staged.KeepForRecovery = false;
            throw;
        }
    }

    private static IReadOnlyList<string> Shown(List<string> skipped, bool all) => all || skipped.Count <= MaxSkippedLines
        ? skipped
        : [.. skipped.Take(MaxSkippedLines - 1), $"and {skipped.Count - MaxSkippedLines + 1} more"];

    /// <summary>Plans an upload. The caller holds the session's lock.</summary>
    /// <exception cref="AgbException">TooManyDeletions.</exception>
    internal SyncPlan Plan(MountRow row, IContextMount mount, string? doubt, double? maxDeletePercent, CancellationToken cancellationToken)
    {
        using var tree = Fd.OpenTree(Path.Combine(paths.Mount(row.SessionId, row.Name), mount.TreeName));
        var plan = MakePlan(row, mount, tree, PreviousManifest(row, mount, doubt), null, cancellationToken);
        LeaveDoubtful(row, plan, tree, doubt, cancellationToken);
        RequireFewDeletions(row, plan, maxDeletePercent);
        return plan;
    }

    private Manifest PreviousManifest(MountRow row, IContextMount mount, string? doubt)
    {
        try
        {
            return row.Manifest is null
                ? mount.FirstManifest(row)
                : Manifest.Load(ManifestPath(paths.Mount(row.SessionId, row.Name), row.Manifest));
        }
        catch (AgbException e) when (doubt is not null && e.ErrorId == AgbErrorIds.StoreCorrupt)
        {
            // The first manifest of a copy is never flushed. Without it every entry is compared with the stored tree.
            return new Manifest();
        }
    }

    private void LeaveDoubtful(MountRow row, SyncPlan plan, Fd tree, string? doubt, CancellationToken cancellationToken)
    {
        if (doubt is null)
        {
            return;
        }
        using var reading = FileLock.AcquireShared(paths.CollectionLock);
        var stack = catalog.Read(tx => VersionTable.HeadStack(tx, row.ContextId));
        using var stored = new StoredTree(MountView.Open(paths, stack, row.Origin), tree, isFirstManifest: false);
        WholeEntries.KeepOnly(plan, stored, doubt, cancellationToken);
    }

    private void RequireFewDeletions(MountRow row, SyncPlan plan, double? limit) =>
        UploadDecision.Require(row, plan.FilesDeleted, limit, () =>
        {
            using var reading = FileLock.AcquireShared(paths.CollectionLock);
            var stack = catalog.Read(tx => VersionTable.HeadStack(
                tx, ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId)));
            using var stored = MountView.Open(paths, stack, row.Origin);
            var filter = PathFilter.Of(row.Policy, row.Path);
            return IsArchive(row) && row.Policy.Extract.Extract
                ? ArchivedHead.CountFiles(stored, filter.Covers)
                : UploadDecision.CountFiles(stored, filter);
        });

    private bool IsEmptied(MountRow row, IContextMount mount, Fd tree, SyncPlan plan)
    {
        if (plan.StoredAt.Count > 0)
        {
            return false;
        }
        var below = mount.IsOverlay ? MountView.Open(paths, row) : MergedDirectory.Empty();
        using var session = MergedDirectory.Over(tree.OpenDirectoryAt("."), below);
        return UploadDecision.IsEmpty(session, PathFilter.Of(row.Policy, row.Path));
    }

    private static bool IsArchive(MountRow row) => row.Policy.Upload.UploadMode == AgbUploadMode.Archive;

    /// <summary>Checks the mode again under the context's lock, held by the caller: two sessions may have started on empty data
    /// with different modes.</summary>
    private void RequireMode(MountRow row)
    {
        using var reading = FileLock.AcquireShared(paths.CollectionLock);
        var (origins, stack) = catalog.Read(tx => (
            OriginTable.OfContext(tx, row.ContextId),
            VersionTable.HeadStack(tx, ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId))));
        UploadModes.Require(
            origins, row.ContextId, row.Origin, row.Policy.Upload.UploadMode, origin => MountView.Open(paths, stack, origin));
    }

    /// <summary>The context's stored tree, if the session has unpacked files on top of it; else null.</summary>
    private MergedDirectory? OpenContext(MountRow row)
    {
        if (IsArchive(row) || !row.Policy.Extract.Extract || !Directory.Exists(paths.Given(row.SessionId, row.Name)))
        {
            return null;
        }
        var stack = catalog.Read(tx => VersionTable.HeadStack(
            tx, ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId)));
        return MountView.Open(paths, stack, row.Origin);
    }

    private SyncPlan MakePlan(
        MountRow row, IContextMount mount, Fd tree, Manifest previous, EarlyFlush? early, CancellationToken cancellationToken)
    {
        using var reading = FileLock.AcquireShared(paths.CollectionLock);
        var stored = mount.OpenStored(row, tree, OpenContext(row));
        using (stored as IDisposable)
        {
            var scanned = TreeScanner.Scan(tree, mount.Marks, cancellationToken);
            var current = Redirects.Resolve(scanned, previous, () => MountView.Open(paths, row), cancellationToken);
            early?.Begin(current.Count);
            var plan = SyncPlanner.Plan(current, previous, stored, row.Policy, PathFilter.Of(row.Policy, row.Path));
            plan.HasRenames = !ReferenceEquals(current, scanned);
            return plan;
        }
    }

    private long Record(MountRow row, StagedLayer staged, SyncPlan plan, long bytesRemoved, int entries, bool endsRelease) => catalog.Write(tx =>
    {
        var now = time.GetUtcNow();
        var context = ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId);
        var stack = VersionTable.HeadStack(tx, context);
        var version = context.Head + 1;
        VersionTable.InsertLayer(tx, staged.Id, row.ContextId, now, storedAt: now, entries, plan.HasLinks);
        SealTable.Put(tx, staged.Id, staged.Seal);
        VersionTable.Append(tx, new VersionRow(
            row.ContextId, version, now, AgbVersionOrigin.Upload, row.SessionId, plan.FilesAdded, plan.FilesChanged,
            plan.FilesDeleted, plan.Bytes, bytesRemoved,
            LayerStack.Format([staged.Id, .. LayerStack.Parse(stack)])));
        OriginTable.PutUploaded(tx, row, now);
        ArchiveTable.SetKnown(tx, staged.Id, IsArchive(row) ? [] : plan.Steps
            .Where(s => s.Operation == SyncOperation.Put && s.Stat.Kind == EntryKind.File && ArchiveNames.FormatOf(s.Path) is not null)
            .Select(s => Raw.Join(string.Join('/', Raw.Split(Raw.FromText(row.Origin))), s.Path)));
        MountTable.SetUploaded(tx, row, row.Seen == context.Head ? version : null, staged.Id);
        if (endsRelease)
        {
            // Durable with the version: after a power cut the session's remaining files are not needed.
            SessionTable.SetDiscarding(tx, row.SessionId);
        }
        return version;
    });

    internal static string ManifestPath(string directory, string layerId) => Path.Combine(directory, "manifest." + layerId);

    internal static void FlushManifest(string directory, string layerId)
    {
        using var mount = Fd.OpenDirectory(directory);
        using (var manifest = mount.OpenReadAt("manifest." + layerId))
        {
            manifest.Sync();
        }
        mount.Sync();
    }

    internal static void RemoveOldManifests(string directory, string layerId)
    {
        try
        {
            foreach (var file in Directory.EnumerateFiles(directory, "manifest.*").Where(f => !f.EndsWith("." + layerId, StringComparison.Ordinal)))
            {
                FaultSeam.Before("unlink", file);
                File.Delete(file);
            }
        }
        catch (Exception e)
        {
            // The upload is committed and must not fail any more; the files are removed with the session.
            Trace.TraceWarning("Agb: old records in {0} could not be removed: {1}", directory, e);
        }
    }
}
