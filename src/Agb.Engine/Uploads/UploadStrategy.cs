namespace Agb.Engine;

/// <summary>Makes the layer of one planned upload. The steps are called in their order here.</summary>
internal abstract class UploadStrategy(StorePaths paths, UploadSource source, SyncPlan plan, StagedLayer staged) : IDisposable
{
    private Fd? _parent;

    internal UploadSource Source => source;

    internal SyncPlan Plan => plan;

    internal StagedLayer Staged => staged;

    /// <summary>The number of the layer's entries, once filled.</summary>
    internal int Entries { get; private set; }

    /// <summary>The layer's entries, if known without a scan: the layer is the session's scanned tree without changes.</summary>
    internal IReadOnlyList<LayerEntry>? Known { get; private protected set; }

    /// <summary>Whether a failure must give the session its tree back.</summary>
    internal virtual bool HoldsTree => false;

    /// <summary>Whether large files are compared with the newest version. At a release they are linked, without any cost.</summary>
    internal bool ComparesLarge => !source.Care.Released && !source.Row.Rules.IsArchive && LargeUpload.IsNeeded(plan);

    /// <summary>Paths of archives in the layer, in the context.</summary>
    internal virtual IEnumerable<string> StoredArchives => plan.Steps
        .Where(s => s.Operation == SyncOperation.Put && s.Stat.Kind == EntryKind.File && ArchiveNames.FormatOf(s.Path) is not null)
        .Select(s => BytePath.Join(string.Join('/', Origin), s.Path));

    protected StorePaths Paths => paths;

    protected MountRow Row => source.Row;

    /// <summary>The names on the way to the mount's origin in the layer.</summary>
    protected string[] Origin { get; } = BytePath.Split(BytePath.FromText(source.Row.Origin));

    /// <summary>Directories that may have an opaque mark in the staged tree.</summary>
    protected IEnumerable<string> Marked { get; set; } = [];

    /// <summary>Chooses the way for a plan, and begins its layer.</summary>
    internal static UploadStrategy Begin(StorePaths paths, UploadSource source, SyncPlan plan)
    {
        // Entries of a renamed directory are in other layers and have to be linked.
        var adopts = source.MayBeAdopted && !plan.HasRenames;
        var staged = StagedLayer.Begin(
            paths, new StagingOwner(source.Row.SessionId, source.Row.Name, adopts, source.Row.ContextId), files: adopts ? 0 : plan.Steps.Count);
        return adopts ? new AdoptUpload(paths, source, plan, staged)
            : source.Row.Rules.IsArchive ? new ArchiveUpload(paths, source, plan, staged)
            : new CopyUpload(paths, source, plan, staged);
    }

    /// <summary>Creates the parents of the mount's origin with the attributes of the newest version.</summary>
    internal void MakeParents(Snapshot head)
    {
        if (Origin.Length == 0)
        {
            return;
        }
        using var root = head.Open();
        _parent = staged.MakeParents(Origin, root);
    }

    /// <summary>Puts the plan's entries into the layer.</summary>
    /// <param name="head">The newest version, if <see cref="ComparesLarge"/>.</param>
    /// <param name="progress">Gets the progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal void Fill(Snapshot? head, SyncProgress progress, CancellationToken cancellationToken) =>
        Entries = PutEntries(head, progress, cancellationToken) + Origin.Length + 1;

    /// <summary>Fits the layer onto versions not seen by the session. The caller holds the context's lock.</summary>
    internal virtual void FitToHead(Snapshot head, CancellationToken cancellationToken) => Rebase(head, archived: null);

    /// <summary>Counts the bytes of files in the newest version changed or deleted by this upload. The caller holds the context's
    /// lock.</summary>
    internal long CountBytesRemoved(Snapshot head, CancellationToken cancellationToken)
    {
        if (head.Context.Head == Row.Seen && plan.FilesChanged + plan.FilesDeleted == 0)
        {
            return 0;
        }
        using var before = head.Open();
        using var after = head.OpenWith(staged);
        return StackDiff.Measure(before, after, cancellationToken).BytesRemoved;
    }

    /// <summary>Undoes an unrecorded upload that <see cref="HoldsTree"/>, so it can be retried.</summary>
    internal virtual void GiveBack()
    {
    }

    /// <summary>Removes the layer, unless recorded.</summary>
    public void Dispose()
    {
        // Still held when filling was never reached.
        _parent?.Dispose();
        staged.Dispose();
    }

    /// <summary>Puts the plan's entries below the origin.</summary>
    /// <param name="head">The newest version to compare large files with, or null.</param>
    /// <param name="progress">Gets the progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Their number.</returns>
    protected abstract int PutEntries(Snapshot? head, SyncProgress progress, CancellationToken cancellationToken);

    /// <summary>Parts the layer from the stored files seen by the session, before it is fitted onto other versions.</summary>
    protected virtual void Part(Fd origin)
    {
    }

    /// <summary>The parent directory of the origin; owned by the caller.</summary>
    protected Fd TakeParent() => _parent!;

    /// <summary>Opens the origin in the staged layer.</summary>
    protected Fd OpenOrigin()
    {
        using var layer = Fd.OpenDirectory(paths.Staged(staged.Id));
        using var tree = layer.OpenDirectoryAt("tree");
        using var cursor = new DirectoryCursor(tree);
        return cursor.At(string.Join('/', Origin)).OpenDirectoryAt(".");
    }

    /// <summary>Rebases the layer onto versions not seen by the session.</summary>
    /// <param name="head">The newest version.</param>
    /// <param name="archived">Its unpacked tree if stored as an archive, else null.</param>
    protected void Rebase(Snapshot head, MergedDirectory? archived)
    {
        // A session with a partial view of a directory must not delete the hidden rest of it, even with the newest version.
        var isSeen = head.Context.Head == Row.Seen && !Row.IsPartial(paths);
        if (isSeen && !Marked.Any())
        {
            return;
        }
        using var newest = archived?.OpenChild(".") ?? head.Open(BytePath.FromText(Row.Origin));
        using var target = OpenOrigin();
        if (!isSeen)
        {
            Known = null;
            Part(target);
            Narrow(target, newest);
        }
        if (Hiding.Resolve(target, newest, Marked) > 0)
        {
            Known = null;
        }
    }

    private void Narrow(Fd target, MergedDirectory head)
    {
        using var stored = MountView.Open(paths, Row);
        var stores = plan.Steps.Where(s => s.Operation != SyncOperation.Delete).Select(s => s.Path).ToHashSet(StringComparer.Ordinal);
        new LayerRebase(new BaseTree(stored, source.Previous, Row.Rules.Filter), stores).Apply(target, head);
    }
}
