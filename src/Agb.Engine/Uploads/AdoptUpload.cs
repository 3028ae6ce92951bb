namespace Agb.Engine;

/// <summary>Moves the session's upper directory into the layer with one rename (<see cref="AdoptedUpper"/>).</summary>
internal sealed class AdoptUpload(StorePaths paths, UploadSource source, SyncPlan plan, StagedLayer staged)
    : UploadStrategy(paths, source, plan, staged)
{
    /// <inheritdoc/>
    internal override bool HoldsTree => !Staged.IsRecorded;

    /// <inheritdoc/>
    internal override void GiveBack()
    {
        Staged.KeepForRecovery = true;
        AdoptedUpper.GiveBack(Paths, Staged.Id, Row, Path.Combine(Source.Directory, Source.Mount.TreeName));
        Staged.KeepForRecovery = false;
    }

    /// <inheritdoc/>
    protected override int PutEntries(Snapshot? head, SyncProgress progress, CancellationToken cancellationToken)
    {
        // Ends a temporary access, so the layer is flushed with the original permissions.
        Source.Tree.Dispose();
        cancellationToken.ThrowIfCancellationRequested();
        MoveTree();
        using var origin = OpenOrigin();
        using var cursor = new DirectoryCursor(origin);
        var isAsFound = Plan.LeftOut.Count == 0 && Plan.Current.Count == Plan.Manifest.Count;
        RemoveLeftOut(cursor);
        ClearMarks(cursor);
        Staged.FinishParents();
        Known = isAsFound ? AdoptedUpper.Entries(Paths.Staged(Staged.Id), Origin, Plan.Current) : null;
        return Plan.Manifest.Count;
    }

    private void MoveTree()
    {
        using var directory = Fd.OpenDirectory(Source.Directory);
        if (Origin.Length == 0)
        {
            using var layer = Fd.OpenDirectory(Paths.Staged(Staged.Id));
            // rename(2) replaces an empty directory.
            directory.MoveDirectoryAt(Source.Mount.TreeName, layer, "tree");
        }
        else
        {
            using var parent = TakeParent();
            directory.MoveDirectoryAt(Source.Mount.TreeName, parent, Origin[^1]);
        }
    }

    private void RemoveLeftOut(DirectoryCursor cursor)
    {
        foreach (var group in Plan.LeftOut.GroupBy(e => BytePath.DirectoryOf(e.Path)))
        {
            var holder = cursor.At(group.Key);
            Hiding.Change(holder, () =>
            {
                foreach (var entry in group)
                {
                    holder.UnlinkAt(BytePath.NameOf(entry.Path));
                }
            });
        }
    }

    /// <summary>Clears foreign marks, and opaque ones if the policy does not mirror deletions.</summary>
    private void ClearMarks(DirectoryCursor cursor)
    {
        foreach (var entry in Plan.Current.Where(e => e.HasForeignMark))
        {
            Xattrs.ClearUserMarks(cursor.At(entry.Path));
        }
        Marked = [.. Plan.Manifest.Entries.Where(e => e.Opaque).Select(e => e.Path)];
        if (!Row.Rules.MirrorsDeletions)
        {
            foreach (var path in Marked)
            {
                Xattrs.ClearOpaque(cursor.At(path));
            }
            Marked = [];
        }
    }
}
