using System.Diagnostics;
using Agb.Engine.Catalog;
using Agb.Engine.Native;
using Agb.Engine.Store.Mounts;
using Agb.Engine.Sync;

namespace Agb.Engine.Store;

/// <summary>What an upload did.</summary>
/// <param name="Version">The version that it made, or null when nothing had changed.</param>
/// <param name="Files">Files added, changed and deleted.</param>
/// <param name="Bytes">Bytes of content stored.</param>
/// <param name="Skipped">What was left out, a line each.</param>
internal sealed record UploadResult(long? Version, long Files, long Bytes, IReadOnlyList<string> Skipped);

/// <summary>Turns what a session changed into the next version of its context. The order of writes, and why a kill at
/// any instant leaves either the old version or the new one, is in docs/format.md.</summary>
internal sealed class Uploader(StorePaths paths, CatalogDb catalog, TimeProvider time)
{
    private const int MaxSkippedLines = 100;

    /// <summary>Uploads one mount. The caller holds the session's lock.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="mount">How it is mounted.</param>
    /// <param name="released">Whether nothing writes to the session's tree any more, so that its files can become the
    /// layer's in place of being copied.</param>
    /// <param name="progress">Told what was moved.</param>
    /// <param name="cancellationToken">Cancels the upload as long as it is not recorded.</param>
    internal async Task<UploadResult> UploadAsync(
        MountRow row, IContextMount mount, bool released, SyncProgress progress, CancellationToken cancellationToken)
    {
        var directory = paths.Mount(row.SessionId, row.Name);
        var treePath = Path.Combine(directory, mount.TreeName);
        if (released && !Directory.Exists(treePath))
        {
            // A release that was cut off after its upload was recorded: the tree is a layer by now.
            return new UploadResult(null, 0, 0, []);
        }
        using var tree = Fd.OpenDirectory(treePath);
        var previous = row.Manifest is null
            ? mount.FirstManifest(row)
            : Manifest.Load(ManifestPath(directory, row.Manifest));
        var young = released ? long.MaxValue : await ClockGrain.SettleAsync(cancellationToken).ConfigureAwait(false);
        var plan = MakePlan(row, mount, tree, previous, cancellationToken);
        var skipped = plan.Skipped.Count <= MaxSkippedLines
            ? plan.Skipped
            : [.. plan.Skipped.Take(MaxSkippedLines - 1), $"and {plan.Skipped.Count - MaxSkippedLines + 1} more"];
        if (plan.Steps.Count == 0)
        {
            return new UploadResult(null, 0, 0, skipped);
        }
        var takeOver = released && mount.IsOverlay && row.Manifest is null;
        using var staged = StagedLayer.Begin(paths, new StagingOwner(row.SessionId, row.Name, takeOver, row.ContextId));
        var session = new UploadStaging(paths, catalog, row, mount, staged, plan);
        int entries;
        try
        {
            using (await FileLock.AcquireAsync(paths.CollectionLock, time, cancellationToken, shared: true).ConfigureAwait(false))
            {
                // Reads layers of the newest version, which a compaction may drop if nothing keeps collection away.
                session.MakeParents();
            }
            entries = takeOver ? session.TakeOver(directory, cancellationToken) : session.Write(tree, released, progress, cancellationToken);
            FaultPoint.Reach(FaultPoint.StagingWritten);
            plan.Manifest.Distrust(young);
            plan.Manifest.Save(ManifestPath(directory, staged.Id));
            using var contextLock = await FileLock.AcquireAsync(paths.ContextLock(row.ContextId), time, cancellationToken).ConfigureAwait(false);
            session.Rebase(previous);
            FaultPoint.Reach(FaultPoint.StagingRebased);
            staged.Place();
            LayerFlush.Flush(paths, staged.Id, entries);
            FlushManifest(directory, staged.Id);
            FaultPoint.Reach(FaultPoint.LayerFlushed);
            var version = Record(row, staged, plan, entries);
            staged.Recorded();
            RemoveOldManifests(directory, staged.Id);
            return new UploadResult(version, plan.Files, plan.Bytes, skipped);
        }
        catch when (takeOver && !staged.IsRecorded)
        {
            staged.KeepForRecovery = true;
            session.GiveBack(directory);
            staged.KeepForRecovery = false;
            throw;
        }
    }

    private static SyncPlan MakePlan(
        MountRow row, IContextMount mount, Fd tree, Manifest previous, CancellationToken cancellationToken)
    {
        var stored = mount.OpenStored(row, tree);
        using (stored as IDisposable)
        {
            var current = TreeScanner.Scan(tree, mount.IsOverlay, cancellationToken);
            return SyncPlanner.Plan(current, previous, stored, row.Policy);
        }
    }

    private long Record(MountRow row, StagedLayer staged, SyncPlan plan, int entries) => catalog.Write(tx =>
    {
        var now = time.GetUtcNow();
        var context = ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId);
        var stack = VersionTable.HeadStack(tx, context);
        var version = context.Head + 1;
        VersionTable.InsertLayer(tx, staged.Id, row.ContextId, now, entries);
        SealTable.Put(tx, staged.Id, staged.Seal);
        VersionTable.Insert(tx, new VersionRow(
            row.ContextId, version, now, row.SessionId, plan.FilesAdded, plan.FilesChanged, plan.FilesDeleted, plan.Bytes,
            LayerStack.Format([staged.Id, .. LayerStack.Parse(stack)])));
        ContextTable.SetHead(tx, row.ContextId, version);
        ContextTable.Touch(tx, row.ContextId, now);
        ContextTable.AddOrigin(tx, row.ContextId, row.Origin);
        MountTable.SetUploaded(tx, row, row.Seen == context.Head ? version : null, staged.Id);
        return version;
    });

    private static string ManifestPath(string directory, string layerId) => Path.Combine(directory, "manifest." + layerId);

    private static void FlushManifest(string directory, string layerId)
    {
        using var mount = Fd.OpenDirectory(directory);
        using (var manifest = mount.OpenReadAt("manifest." + layerId))
        {
            manifest.Sync();
        }
        mount.Sync();
    }

    private static void RemoveOldManifests(string directory, string layerId)
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
            // The upload is recorded, so nothing may fail it any more; the files go with the session.
            Trace.TraceWarning("Agb: old records in {0} could not be removed: {1}", directory, e);
        }
    }
}
