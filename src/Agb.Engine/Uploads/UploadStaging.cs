namespace Agb.Engine;

/// <summary>Fills the staged layer of one upload.</summary>
internal sealed class UploadStaging(
    StorePaths paths, CatalogDb catalog, MountRow row, IContextMount mount, StagedLayer staged, SyncPlan plan)
{
    private readonly string[] _origin = Raw.Split(Raw.FromText(row.Origin));
    private readonly List<string> _linkedStored = [];
    private Fd? _parent;

    // Directories that may have an opaque mark in the staged tree.
    private IEnumerable<string> _marked = [];

    /// <summary>The layer's entries, if known without a scan: the layer is the session's scanned tree without changes.</summary>
    internal IReadOnlyList<LayerEntry>? Known { get; private set; }

    /// <summary>First step: creates the parents of the mount's origin with the attributes of the newest version. The caller
    /// blocks garbage collection of layers.</summary>
    internal void MakeParents()
    {
        if (_origin.Length == 0)
        {
            return;
        }
        var stack = catalog.Read(tx => VersionTable.HeadStack(tx, row.ContextId));
        using var head = MergedDirectory.Open(LayerStack.Parse(stack).Select(paths.LayerTree), "");
        _parent = staged.MakeParents(_origin, head);
    }

    /// <summary>Copies the plan's entries, or hard-links them after the last writer of the tree has ended.</summary>
    /// <returns>The number of written entries.</returns>
    internal int Write(Fd tree, bool released, SyncProgress progress, CancellationToken cancellationToken)
    {
        using var target = MakeOrigin(tree);
        using var stored = plan.StoredAt.Count > 0 ? MountView.Open(paths, row) : null;
        using var writer = new LayerWriter(
            tree, target, plan, link: released, progress, stored, linkStored: row.Policy.Delete.SyncLocalFile);
        var written = writer.Write(cancellationToken);
        _linkedStored.AddRange(writer.LinkedStored);
        _marked = plan.Steps.Where(s => s.Operation == SyncOperation.ReplaceDirectory).Select(s => s.Path);
        EntryCopier.FinishDirectory(target, tree.Stat());
        staged.FinishParents();
        return written + _origin.Length + 1;
    }

    /// <summary>Moves the session's upper directory into the layer with one rename.</summary>
    /// <returns>The number of its entries.</returns>
    internal int TakeOver(string mountDirectory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var directory = Fd.OpenDirectory(mountDirectory);
        if (_origin.Length == 0)
        {
            using var layer = Fd.OpenDirectory(paths.Staged(staged.Id));
            // rename(2) replaces an empty directory.
            directory.MoveDirectoryAt(mount.TreeName, layer, "tree");
        }
        else
        {
            using var parent = _parent!;
            directory.MoveDirectoryAt(mount.TreeName, parent, _origin[^1]);
        }
        using var target = OpenOrigin();
        using var cursor = new DirectoryCursor(target);
        var isAsFound = plan.LeftOut.Count == 0 && plan.Current.Count == plan.Manifest.Count;
        foreach (var group in plan.LeftOut.GroupBy(e => Raw.DirectoryOf(e.Path)))
        {
            var holder = cursor.At(group.Key);
            Hiding.Change(holder, () =>
            {
                foreach (var entry in group)
                {
                    holder.UnlinkAt(Raw.NameOf(entry.Path));
                }
            });
        }
        foreach (var entry in plan.Current.Where(e => e.HasForeignMark))
        {
            Xattrs.ClearUserMarks(cursor.At(entry.Path));
        }
        _marked = [.. plan.Manifest.Entries.Where(e => e.Opaque).Select(e => e.Path)];
        if (!row.Policy.Delete.SyncLocalFile)
        {
            foreach (var path in _marked)
            {
                Xattrs.ClearOpaque(cursor.At(path));
            }
            _marked = [];
        }
        staged.FinishParents();
        Known = isAsFound ? TakenOverTree.Entries(paths.Staged(staged.Id), _origin, plan.Current) : null;
        return plan.Manifest.Count + _origin.Length + 1;
    }

    /// <summary>Undoes <see cref="TakeOver"/>: the session gets its tree back, and the upload can be retried.</summary>
    internal void GiveBack(string mountDirectory) =>
        TakenOverTree.GiveBack(paths, staged.Id, row, Path.Combine(mountDirectory, mount.TreeName));

    /// <summary>Rebases the layer onto versions not seen by the session. The caller holds the context's lock.</summary>
    /// <param name="previous">The tree at the previous upload.</param>
    /// <param name="archived">The newest version if stored as an archive, else null.</param>
    internal void Rebase(Manifest previous, MergedDirectory? archived)
    {
        var (isSeen, headStack) = catalog.Read(tx =>
        {
            var context = ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId);
            // A session with a partial view of a directory must not delete the hidden rest of it, even with the newest version.
            return (context.Head == row.Seen && !row.IsPartial(paths), VersionTable.HeadStack(tx, context));
        });
        if (isSeen && !_marked.Any())
        {
            return;
        }
        using var head = archived?.OpenChild(".")
            ?? MergedDirectory.Open(LayerStack.Parse(headStack).Select(paths.LayerTree), Raw.FromText(row.Origin));
        using var target = OpenOrigin();
        if (!isSeen)
        {
            Known = null;
            Part(target);
            Narrow(target, head, previous);
        }
        if (Hiding.Resolve(target, head, _marked) > 0)
        {
            Known = null;
        }
    }

    /// <summary>Copies files linked to stored files. Another session may have given those another, lasting name: two names of one
    /// file in a version would become hard links.</summary>
    private void Part(Fd target)
    {
        var copy = ".agb-" + RandomId.New();
        using var cursor = new DirectoryCursor(target);
        var links = new Dictionary<ulong, string>();
        foreach (var path in _linkedStored)
        {
            var (directory, name) = (cursor.At(Raw.DirectoryOf(path)), Raw.NameOf(path));
            var stat = directory.StatAt(name);
            Hiding.Change(directory, () =>
            {
                if (!links.TryGetValue(stat.Ino, out var first) || !TryLink(target, first, directory, copy))
                {
                    EntryCopier.Copy(directory, name, stat.Kind, directory, copy, out _);
                    links[stat.Ino] = path;
                }
                directory.RenameAt(copy, directory, name);
            });
        }

        static bool TryLink(Fd target, string path, Fd to, string name)
        {
            using var source = new DirectoryCursor(target);
            return source.At(Raw.DirectoryOf(path)).TryLinkAt(Raw.NameOf(path), to, name);
        }
    }

    private void Narrow(Fd target, MergedDirectory head, Manifest previous)
    {
        using var stored = MountView.Open(paths, row);
        var stores = plan.Steps.Where(s => s.Operation != SyncOperation.Delete).Select(s => s.Path).ToHashSet(StringComparer.Ordinal);
        new LayerRebase(new SeenTree(stored, previous, PathFilter.Of(row.Policy, row.Path)), stores).Apply(target, head);
    }

    /// <summary>Counts the bytes of files in the newest version changed or deleted by this upload. The caller holds the context's
    /// lock.</summary>
    internal long CountBytesRemoved(CancellationToken cancellationToken)
    {
        var (head, headStack) = catalog.Read(tx =>
        {
            var context = ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId);
            return (context.Head, VersionTable.HeadStack(tx, context));
        });
        if (head == row.Seen && plan.FilesChanged + plan.FilesDeleted == 0)
        {
            return 0;
        }
        var below = LayerStack.Parse(headStack).Select(paths.LayerTree).ToArray();
        using var before = MergedDirectory.Open(below, "");
        using var after = MergedDirectory.Open([Path.Combine(paths.Staged(staged.Id), "tree"), .. below], "");
        return StackDiff.Measure(before, after, cancellationToken).BytesRemoved;
    }

    /// <summary>Unpacks the newest version of an origin stored as an archive. The caller holds the context's lock.</summary>
    internal ArchivedHead OpenArchived(CancellationToken cancellationToken)
    {
        var stack = catalog.Read(tx => VersionTable.HeadStack(tx, row.ContextId));
        using var origin = OpenOrigin();
        return ArchivedHead.Open(paths, row, stack, origin, Path.Combine(paths.Staged(staged.Id), "head"), cancellationToken);
    }

    /// <summary>Packs the newest version with this upload on top into one zip, in place of the layer's files.</summary>
    /// <returns>Entries that a zip can't hold, one line each.</returns>
    internal IReadOnlyList<string> Pack(ArchivedHead head, CancellationToken cancellationToken)
    {
        const string Packed = "packed";
        using var layer = Fd.OpenDirectory(paths.Staged(staged.Id));
        using var origin = OpenOrigin();
        var attributes = origin.Stat();
        int members;
        IReadOnlyList<string> lost;
        using (var view = MergedDirectory.Over(origin.OpenDirectoryAt("."), head.Root.OpenChild(".")))
        using (var zip = layer.CreateAt(Packed))
        {
            (members, lost) = ZipPacker.Pack(view, zip, row.Policy.Extract.Extract ? "" : ArchiveNames.OfMount, cancellationToken);
            SessionOwned.Give(zip);
            zip.Chmod(0x1A4);
        }
        FaultPoint.Reach(FaultPoint.ArchivePacked);
        foreach (var name in DirectoryReader.Names(origin))
        {
            TreeRemover.RemoveAt(origin, name);
        }
        var stack = catalog.Read(tx => VersionTable.HeadStack(tx, row.ContextId));
        using (var below = MountView.Open(paths, stack, row.Origin))
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
        staged.FinishParents();
        return lost;
    }

    private Fd MakeOrigin(Fd tree)
    {
        if (_origin.Length == 0)
        {
            Xattrs.Copy(tree, staged.Tree);
            return staged.Tree.OpenDirectoryAt(".");
        }
        using var parent = _parent!;
        return EntryCopier.MakeDirectory(tree, parent, _origin[^1]);
    }

    private Fd OpenOrigin()
    {
        using var layer = Fd.OpenDirectory(paths.Staged(staged.Id));
        using var tree = layer.OpenDirectoryAt("tree");
        using var cursor = new DirectoryCursor(tree);
        return cursor.At(string.Join('/', _origin)).OpenDirectoryAt(".");
    }
}
