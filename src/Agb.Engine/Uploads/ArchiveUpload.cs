namespace Agb.Engine;

/// <summary>Copies the plan's entries, and packs the newest version with them on top into one zip.</summary>
internal sealed class ArchiveUpload(StorePaths paths, CatalogDb catalog, UploadSource source, SyncPlan plan, StagedLayer staged)
    : CopyUpload(paths, catalog, source, plan, staged)
{
    /// <inheritdoc/>
    internal override IEnumerable<string> StoredArchives => [];

    /// <inheritdoc/>
    internal override void FitToHead(CancellationToken cancellationToken)
    {
        using var archived = OpenArchived(cancellationToken);
        Rebase(archived.Root);
        Plan.Skipped.AddRange(Pack(archived, cancellationToken));
    }

    /// <summary>Unpacks the newest version.</summary>
    private ArchivedHead OpenArchived(CancellationToken cancellationToken)
    {
        var stack = Catalog.Read(tx => VersionTable.HeadStack(tx, Row.ContextId));
        using var origin = OpenOrigin();
        return ArchivedHead.Open(Paths, Row, stack, origin, Path.Combine(Paths.Staged(Staged.Id), "head"), cancellationToken);
    }

    /// <summary>Packs the newest version with this upload on top into one zip, in place of the layer's files.</summary>
    /// <returns>Entries that a zip can't hold, one line each.</returns>
    private IReadOnlyList<string> Pack(ArchivedHead head, CancellationToken cancellationToken)
    {
        const string Packed = "packed";
        using var layer = Fd.OpenDirectory(Paths.Staged(Staged.Id));
        using var origin = OpenOrigin();
        var attributes = origin.Stat();
        int members;
        IReadOnlyList<string> lost;
        using (var view = MergedDirectory.Over(origin.OpenDirectoryAt("."), head.Root.OpenChild(".")))
        using (var zip = layer.CreateAt(Packed))
        {
            (members, lost) = ZipPacker.Pack(view, zip, Row.Policy.Extract.Extract ? "" : ArchiveNames.OfMount, cancellationToken);
            SessionOwner.ChownToSession(zip);
            zip.Chmod(0x1A4);
        }
        FaultPoint.Reach(FaultPoint.ArchivePacked);
        foreach (var name in DirectoryReader.Names(origin))
        {
            TreeRemover.RemoveAt(origin, name);
        }
        var stack = Catalog.Read(tx => VersionTable.HeadStack(tx, Row.ContextId));
        using (var below = MountView.Open(Paths, stack, Row.Origin))
        {
            // Hides the archive of the newest version, also if there is nothing left to pack.
            Hiding.Hide(origin, below);
        }
        if (members > 0)
        {
            layer.RenameAt(Packed, origin, ArchiveNames.OfMount);
        }
        else
        {
            layer.UnlinkAt(Packed);
        }
        EntryCopier.FinishDirectory(origin, attributes);
        Staged.FinishParents();
        return lost;
    }
}
