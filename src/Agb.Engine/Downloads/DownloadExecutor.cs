namespace Agb.Engine;

/// <summary>Applies uploads of others to a running session. A file changed by the session is kept and listed in the
/// result, unless the download is forced.</summary>
internal sealed class DownloadExecutor(
    StorePaths paths, CatalogDb catalog, TimeProvider time, PolicyLayers given, Func<MountKind, IContextMount> mounts, ILogger log)
{
    private const int MaxKeptLines = 100;

    /// <summary>Downloads into one mount. The caller holds the session's lock.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="force">Also replace changes of the session.</param>
    /// <param name="progress">Gets the progress.</param>
    /// <param name="cancellationToken">Cancels the download; completed changes stay.</param>
    internal Task<UploadResult> DownloadAsync(MountRow row, bool force, SyncProgress progress, CancellationToken cancellationToken) =>
        WithStateAsync(row, cancellationToken, state =>
        {
            var plan = state.Plan(force, cancellationToken);
            var directory = paths.Mount(row.SessionId, row.Name);
            using var mark = DownloadMark.Set(directory);
            using var applier = new DownloadApplier(state.Live, state.Wanted.Root, state.Session, mark.TemporaryName, force, progress);
            progress.Expect(
                plan.Steps.LongCount(s => s.Operation is DownloadOperation.Put or DownloadOperation.Delete),
                ByteSum.Of(plan.Steps.Where(s => s.Operation == DownloadOperation.Put && s.Stat.Kind == EntryKind.File).Select(s => s.Stat.Size)));
            var seen = row.Seen;
            try
            {
                applier.Apply(plan, cancellationToken);
                foreach (var agreed in plan.Agreed)
                {
                    state.Session.Know(agreed);
                }
                seen = plan.Kept.Count + applier.Kept.Count == 0 ? state.Head : null;
            }
            finally
            {
                // Also for an interrupted download: its files must not count as changes of the session.
                Record(row, directory, state.Known, seen);
            }
            var kept = plan.Kept.Concat(applier.Kept).Select(k => k.ToString()).ToArray();
            return new UploadResult(
                state.Head, applier.Files, applier.Bytes,
                kept.Length <= MaxKeptLines ? kept : [.. kept.Take(MaxKeptLines - 1), $"and {kept.Length - MaxKeptLines + 1} more"])
            {
                Warnings = [.. state.Wanted.Warnings, .. plan.OnlyHere.Take(MaxKeptLines).Select(p =>
                    $"{BytePath.ToDisplay(p)}: removed; only the session had it, and its directory is stored as another type now")],
            };
        });

    /// <summary>Plans a download into one mount. The caller holds the session's lock.</summary>
    internal Task<DownloadPlan> PlanAsync(MountRow row, bool force, CancellationToken cancellationToken) =>
        WithStateAsync(row, cancellationToken, state => state.Plan(force, cancellationToken));

    /// <summary>Records the common state of session and context. Only the newest record is kept; the previous one is removed
    /// after the new one is durable.</summary>
    private void Record(MountRow row, string directory, Manifest known, long? seen)
    {
        var id = RandomId.New();
        known.Save(ManifestFiles.PathOf(directory, id));
        if (row.Manifest is null)
        {
            catalog.WriteLazily(tx => MountTable.SetUploaded(tx, row, seen, id));
            return;
        }
        ManifestFiles.Flush(directory, id);
        catalog.Write(tx => MountTable.SetUploaded(tx, row, seen, id));
        ManifestFiles.RemoveOld(directory, id, log);
    }

    private async Task<T> WithStateAsync<T>(MountRow row, CancellationToken cancellationToken, Func<State, T> work)
    {
        using var head = await Snapshot.OpenAsync(paths, catalog, row.ContextId, time, cancellationToken).ConfigureAwait(false);
        var sandbox = catalog.Read(tx => SessionTable.Find(tx, row.SessionId))?.Handle();
        var mount = mounts(row.Kind);
        var directory = paths.Mount(row.SessionId, row.Name);
        // First: if the tree is closed to its owner, the overlay must see the temporary access.
        using var live = mount.IsOverlay
            ? SessionRootView.Open(sandbox ?? throw AgbErrors.SessionNotFound(row.SessionId), row.Path)
            : Fd.OpenTree(Path.Combine(directory, mount.TreeName));
        using var tree = Fd.OpenTree(Path.Combine(directory, mount.TreeName));
        using var old = MountView.OpenStored(paths, row);
        using var stored = new LayerTrees(paths, row.Stack).OpenOrigin(row.Origin);
        using var wanted = given.Open(row, head, stored, cancellationToken);
        using var shown = new ChangeTrees(live);
        using var changes = ChangeTrees.Open(paths, row, tree);
        using var compared = new StoredTree(wanted.Root.OpenChild("."), shown, isFirstManifest: false);
        var known = row.Manifest is null ? mount.FirstManifest(row) : Manifest.Load(ManifestFiles.PathOf(directory, row.Manifest));
        return work(new State(head.Context.Head, live, new SessionView(live, changes, known, compared, mount.Marks, row.Rules.MirrorsDeletions), known, old, wanted)
        {
            // A copy has no marks for the session's deletions.
            ListsAll = !mount.IsOverlay,
        });
    }

    private sealed record State(long Head, Fd Live, SessionView Session, Manifest Known, MergedDirectory Old, PolicyView Wanted)
    {
        internal required bool ListsAll { get; init; }

        internal DownloadPlan Plan(bool force, CancellationToken cancellationToken) => DownloadPlanner.Plan(
            new TreeDiff(force || ListsAll, Wanted.IsUnpacked, new KnownPaths(Known), cancellationToken).Between(Old, Wanted.Root),
            path => Wanted.Root.LookupPath(path) is not null || Old.LookupPath(path) is not null,
            Session, Known, force);
    }
}
