namespace Agb.Engine;

/// <summary>Copies the plan's entries, and packs the newest version with them on top into one zip.</summary>
internal sealed class ArchiveUpload(StorePaths paths, UploadSource source, SyncPlan plan, StagedLayer staged)
    : CopyUpload(paths, source, plan, staged)
{
    private SyncProgress? _progress;

    /// <inheritdoc/>
    internal override IEnumerable<string> StoredArchives => [];

    /// <inheritdoc/>
    protected override int PutEntries(Snapshot? head, SyncProgress progress, CancellationToken cancellationToken)
    {
        _progress = progress;
        base.PutEntries(head, progress, cancellationToken);
        // The copies are gone before the flush; the zip alone is left.
        return 1;
    }

    /// <inheritdoc/>
    internal override void FitToHead(Snapshot head, CancellationToken cancellationToken)
    {
        using var archived = OpenArchived(head, cancellationToken);
        Rebase(head, archived.Root);
        Plan.Skipped.AddRange(Pack(head, archived, cancellationToken));
    }

    /// <summary>Unpacks the newest version.</summary>
    private ArchivedHead OpenArchived(Snapshot head, CancellationToken cancellationToken)
    {
        using var origin = OpenOrigin();
        return ArchivedHead.Open(head, Row, origin, Path.Combine(Paths.Staged(Staged.Id), "head"), cancellationToken);
    }

    /// <summary>Packs the newest version with this upload on top into one zip, in place of the layer's files.</summary>
    /// <returns>Entries that a zip can't hold, one line each.</returns>
    private IReadOnlyList<string> Pack(Snapshot head, ArchivedHead archived, CancellationToken cancellationToken)
    {
        const string Packed = "packed";
        using var layer = Fd.OpenDirectory(Paths.Staged(Staged.Id));
        using var origin = OpenOrigin();
        var attributes = origin.Stat();
        int members;
        IReadOnlyList<string> lost;
        using (var view = MergedDirectory.Over(origin.OpenDirectoryAt("."), archived.Root.OpenChild(".")))
        using (var zip = layer.CreateAt(Packed))
        {
            _progress?.Expect(Plan.Files, Plan.Bytes + SizeOf(view));
            (members, lost) = ZipPacker.Pack(
                view, zip, Row.Rules.Unpacks ? "" : ArchiveNames.OfMount, bytes => _progress?.AddBytes(bytes), cancellationToken);
            SessionOwner.ChownToSession(zip);
            zip.Chmod(FileModes.PublicFile);
        }
        FaultPoint.Reach(FaultPoint.ArchivePacked);
        foreach (var name in DirectoryReader.Names(origin))
        {
            TreeRemover.RemoveAt(origin, name);
        }
        using (var below = head.OpenOrigin(Row.Origin))
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

    /// <summary>Bytes of content in a tree.</summary>
    private static long SizeOf(MergedDirectory tree)
    {
        var bytes = 0L;
        foreach (var (name, stat) in tree.Entries())
        {
            if (stat.Kind == EntryKind.File)
            {
                bytes = ByteSum.Add(bytes, stat.Size);
            }
            else if (stat.Kind == EntryKind.Directory)
            {
                using var below = tree.OpenChild(name);
                bytes = ByteSum.Add(bytes, SizeOf(below));
            }
        }
        return bytes;
    }
}
