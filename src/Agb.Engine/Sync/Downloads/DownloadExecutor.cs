namespace Agb.Engine;

/// <summary>Brings what others uploaded into a running session. A file that the session changed since is not replaced or
/// removed, unless that is asked for; it is named in the result.</summary>
internal sealed class DownloadExecutor(
    StorePaths paths, CatalogDb catalog, TimeProvider time, GivenTrees given, Func<MountKind, IContextMount> mounts)
{
    private const int MaxKeptLines = 100;

    /// <summary>Downloads into one mount. The caller holds the session's lock.</summary>
    /// <param name="row">The mount.</param>
    /// <param name="force">Replace what the session changed, too.</param>
    /// <param name="progress">Told what was moved.</param>
    /// <param name="cancellationToken">Ends the download; what it brought by then stays.</param>
    internal Task<UploadResult> DownloadAsync(MountRow row, bool force, SyncProgress progress, CancellationToken cancellationToken) =>
        WithStateAsync(row, cancellationToken, state =>
        {
            var plan = state.Plan(force, cancellationToken);
            var directory = paths.Mount(row.SessionId, row.Name);
            using var mark = DownloadMark.Set(directory);
            using var applier = new DownloadApplier(
                state.Live, state.Wanted.Root, state.Session, mark.TemporaryName, force, progress, cancellationToken);
            progress.Expect(
                plan.Steps.LongCount(s => s.Operation is DownloadOperation.Put or DownloadOperation.Delete),
                ByteSum.Of(plan.Steps.Where(s => s.Operation == DownloadOperation.Put && s.Stat.Kind == EntryKind.File).Select(s => s.Stat.Size)));
            var seen = row.Seen;
            try
            {
                applier.Apply(plan);
                foreach (var agreed in plan.Agreed)
                {
                    state.Session.Know(agreed);
                }
                seen = plan.Kept.Count + applier.Kept.Count == 0 ? state.Head : null;
            }
            finally
            {
                // Of a download that is cut short as well: what it brought must not pass for the session's own work.
                Record(row, directory, state.Known, seen);
            }
            var kept = plan.Kept.Concat(applier.Kept).Select(k => k.ToString()).ToArray();
            return new UploadResult(
                state.Head, applier.Files, applier.Bytes,
                kept.Length <= MaxKeptLines ? kept : [.. kept.Take(MaxKeptLines - 1), $"and {kept.Length - MaxKeptLines + 1} more"])
            {
                Warnings = [.. state.Wanted.Warnings, .. plan.OnlyHere.Take(MaxKeptLines).Select(p =>
                    $"{Raw.ToDisplay(p)}: removed; only the session had it, and its directory is stored as something else by now")],
            };
        });

    /// <summary>Says what a download into one mount would do. The caller holds the session's lock.</summary>
    internal Task<DownloadPlan> PlanAsync(MountRow row, bool force, CancellationToken cancellationToken) =>
        WithStateAsync(row, cancellationToken, state => state.Plan(force, cancellationToken));

    /// <summary>Notes what session and context agree on. Of all the notes of a session that downloads often one is kept, and
    /// the one before it goes only when no power cut can bring it back.</summary>
    private void Record(MountRow row, string directory, Manifest known, long? seen)
    {
        var id = RandomId.New();
        known.Save(Uploader.ManifestPath(directory, id));
        if (row.Manifest is null)
        {
            catalog.WriteLazily(tx => MountTable.SetUploaded(tx, row, seen, id));
            return;
        }
        Uploader.FlushManifest(directory, id);
        catalog.Write(tx => MountTable.SetUploaded(tx, row, seen, id));
        Uploader.RemoveOldManifests(directory, id);
    }

    private async Task<T> WithStateAsync<T>(MountRow row, CancellationToken cancellationToken, Func<State, T> work)
    {
        // Taken before the stack is read: a layer that compaction drops meanwhile would look like deleted files.
        using var reading = await FileLock.AcquireAsync(paths.CollectionLock, time, cancellationToken, shared: true).ConfigureAwait(false);
        var (head, headStack, sandbox) = catalog.Read(tx =>
        {
            var context = ContextTable.ById(tx, row.ContextId) ?? throw AgbErrors.ContextNotFound(row.ContextId);
            return (context.Head, VersionTable.HeadStack(tx, context), SessionTable.Find(tx, row.SessionId)?.Handle());
        });
        var mount = mounts(row.Kind);
        var directory = paths.Mount(row.SessionId, row.Name);
        // First: where it is closed to its owner, it is the overlay that has to know that it was opened up.
        using var live = mount.IsOverlay
            ? LiveTree.Open(sandbox ?? throw AgbErrors.SessionNotFound(row.SessionId), row.Path)
            : Fd.OpenTree(Path.Combine(directory, mount.TreeName));
        using var tree = Fd.OpenTree(Path.Combine(directory, mount.TreeName));
        using var old = MountView.Open(paths, row);
        using var stored = MountView.Open(paths, row.Stack, row.Origin);
        using var wanted = given.Open(row, headStack, stored, cancellationToken);
        using var compared = new StoredTree(wanted.Root.OpenChild("."), live, isFirstManifest: false);
        var known = row.Manifest is null ? mount.FirstManifest(row) : Manifest.Load(Uploader.ManifestPath(directory, row.Manifest));
        return work(new State(head, live, new SessionView(live, tree, known, compared, mount.Marks, row.Policy.Delete.SyncLocalFile), known, old, wanted)
        {
            // A copy does not tell by itself where the session deleted something.
            ListsAll = !mount.IsOverlay,
        });
    }

    private sealed record State(long Head, Fd Live, SessionView Session, Manifest Known, MergedDirectory Old, GivenView Wanted)
    {
        internal required bool ListsAll { get; init; }

        internal DownloadPlan Plan(bool force, CancellationToken cancellationToken) => DownloadPlanner.Plan(
            new TreeDiff(force || ListsAll, Wanted.IsUnpacked, new KnownPaths(Known), cancellationToken).Between(Old, Wanted.Root),
            path => Wanted.Root.LookupPath(path) is not null || Old.LookupPath(path) is not null,
            Session, Known, force);
    }
}
