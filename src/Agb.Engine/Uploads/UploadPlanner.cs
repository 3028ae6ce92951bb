namespace Agb.Engine;

/// <summary>Plans uploads: reads the session's tree and the stored one, and changes nothing.</summary>
internal sealed class UploadPlanner(StorePaths paths, CatalogDb catalog)
{
    /// <summary>Plans an upload.</summary>
    /// <param name="source">The tree.</param>
    /// <param name="early">Begins once the tree is scanned, if the tree may become the layer; null for a plan alone.</param>
    /// <param name="maxDeletePercent">The limit of deletions in percent of the stored files; null for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="AgbException">TooManyDeletions.</exception>
    internal SyncPlan Plan(UploadSource source, WriteBehind? early, double? maxDeletePercent, CancellationToken cancellationToken)
    {
        using var head = Snapshot.Open(paths, catalog, source.Row.ContextId);
        var plan = Compare(source, head, early, cancellationToken);
        LeaveDoubtful(source, head, plan, cancellationToken);
        RequireFewDeletions(source, head, plan, maxDeletePercent);
        return plan;
    }

    /// <summary>Whether the upload deletes files because the mount is empty.</summary>
    internal bool IsEmptied(UploadSource source, SyncPlan plan)
    {
        if (plan.FilesDeleted == 0 || plan.StoredAt.Count > 0)
        {
            return false;
        }
        var row = source.Row;
        var below = source.Mount.IsOverlay ? MountView.Open(paths, row) : MergedDirectory.Empty();
        using var session = source.Changes.Over(below);
        return UploadDecision.IsEmpty(session, row.Rules.Filter);
    }

    private SyncPlan Compare(UploadSource source, Snapshot head, WriteBehind? early, CancellationToken cancellationToken)
    {
        var (row, mount) = (source.Row, source.Mount);
        var stored = mount.OpenStored(row, source.Changes, OpenContext(source, head));
        using (stored as IDisposable)
        {
            var current = source.Changes.Scan(mount.Marks, source.Previous, () => MountView.Open(paths, row), out var hasRenames, cancellationToken);
            if (source.MayBeAdopted)
            {
                // Its data is already written by the session.
                early?.Begin(current.Count);
            }
            var plan = SyncPlanner.Plan(current, source.Previous, stored, row.Rules);
            plan.HasRenames = hasRenames;
            return plan;
        }
    }

    /// <summary>The context's stored tree, if the session has unpacked files on top of it; else null.</summary>
    private MergedDirectory? OpenContext(UploadSource source, Snapshot head)
    {
        var row = source.Row;
        if (row.Rules.IsArchive || !row.Rules.Unpacks || paths.FindPolicyLayer(row.SessionId, row.Name) is null)
        {
            return null;
        }
        return head.OpenOrigin(row.Origin);
    }

    private static void LeaveDoubtful(UploadSource source, Snapshot head, SyncPlan plan, CancellationToken cancellationToken)
    {
        if (source.Care.Doubt is not { } doubt)
        {
            return;
        }
        using var stored = new StoredTree(head.OpenOrigin(source.Row.Origin), source.Changes, isFirstManifest: false);
        WholeEntries.KeepOnly(plan, stored, doubt, cancellationToken);
    }

    private static void RequireFewDeletions(UploadSource source, Snapshot head, SyncPlan plan, double? limit)
    {
        var row = source.Row;
        UploadDecision.Require(row, plan.FilesDeleted, limit, () =>
        {
            using var stored = head.OpenOrigin(row.Origin);
            return row.Rules.IsArchive && row.Rules.Unpacks
                ? ArchivedHead.CountFiles(stored, row.Rules.Filter.Covers)
                : UploadDecision.CountFiles(stored, row.Rules.Filter);
        });
    }
}
