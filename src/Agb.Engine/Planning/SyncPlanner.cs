namespace Agb.Engine;

/// <summary>Plans uploads from the current tree, the tree at the last upload, the stored tree and the policy. Pure: depends only
/// on its arguments.</summary>
internal sealed class SyncPlanner
{
    private const string KeptDeletion = "deleted in the session; the policy does not mirror deletions";

    private readonly SyncPlan _plan;
    private readonly Manifest _previous;
    private readonly IStoredTree _stored;
    private readonly PathFilter _filter;
    private readonly bool _mirrorDeletions;

    // The whole tree, also its unlisted entries.
    private readonly Manifest _present;

    // Not readonly: a struct that changes with each entry.
    private Cover _cover;

    private SyncPlanner(
        IReadOnlyList<ScannedEntry> current, Manifest previous, IStoredTree stored, EffectivePolicy policy)
    {
        _plan = new SyncPlan
        {
            Current = current,
            // Unlisted entries stay unknown: this session's deletions must not reach a stored file of the same name.
            Manifest = new Manifest(policy.Filter.IsAll ? current : current.Where(e => policy.Filter.Admits(e.Path))),
            Previous = previous,
        };
        _previous = previous;
        _stored = stored;
        _filter = policy.Filter;
        _mirrorDeletions = policy.MirrorsDeletions;
        _present = policy.Filter.IsAll ? _plan.Manifest : new Manifest(current);
    }

    /// <summary>Plans an upload.</summary>
    /// <param name="current">The session's tree: the upper directory of an overlay, or the whole copy.</param>
    /// <param name="previous">The tree at the last upload; empty before the first upload of an overlay.</param>
    /// <param name="stored">The tree under an overlay; empty for a copy, because its first manifest has all entries.</param>
    /// <param name="policy">The mount's policy.</param>
    internal static SyncPlan Plan(
        IReadOnlyList<ScannedEntry> current, Manifest previous, IStoredTree stored, EffectivePolicy policy) =>
        new SyncPlanner(current, previous, stored, policy).Plan();

    private SyncPlan Plan()
    {
        foreach (var entry in _plan.Current)
        {
            _cover.Enter(entry.Path);
            if (!_filter.Covers(entry.Path) && !(entry.Stat.Kind == EntryKind.Whiteout && _filter.LeadsTo(entry.Path)))
            {
                PlanUnlisted(entry);
                continue;
            }
            switch (entry.Stat.Kind)
            {
                case EntryKind.Unstorable:
                    _plan.Skipped.Add($"{BytePath.ToDisplay(entry.Path)}: sockets and device nodes are not stored");
                    _plan.LeftOut.Add(entry);
                    break;
                case EntryKind.Whiteout:
                    PlanWhiteout(entry);
                    break;
                case EntryKind.Directory:
                    PlanDirectory(entry);
                    break;
                default:
                    PlanFile(entry);
                    break;
            }
        }
        PlanVanished();
        return _plan;
    }

    /// <summary>Plans an entry that is not stored. The session may have replaced a directory on the way to listed paths; that
    /// deletes the known entries in it.</summary>
    private void PlanUnlisted(ScannedEntry entry)
    {
        if (entry.Stat.Kind != EntryKind.Directory || !_filter.LeadsTo(entry.Path))
        {
            _plan.Unlisted.Add(entry);
        }
        else if (entry.Opaque)
        {
            PlanDirectory(entry);
        }
    }

    private void PlanFile(ScannedEntry entry)
    {
        var before = _previous.Find(entry.Path);
        if (!_cover.IsReplaced && before is { } same && entry.Stat.IsUnchanged(same.Stat))
        {
            return;
        }
        var below = before is null || _stored.IsFirstManifest ? _stored.Lookup(entry.Path) : null;
        // overlayfs copies a file up when it is opened for writing, with or without a write; and in a copy, a file may have been
        // touched but not changed.
        if (!_cover.IsOpaque && below is { } there && there.Kind == entry.Stat.Kind && _stored.IsIdentical(entry, there))
        {
            _plan.LeftOut.Add(entry);
            return;
        }
        var existed = before is { Stat.Kind: EntryKind.File or EntryKind.Symlink or EntryKind.Fifo } || (before is null && below is not null);
        var reason = existed && _stored.IsInContext(entry.Path) ? SyncReason.Changed : SyncReason.Added;
        if (reason == SyncReason.Added)
        {
            _plan.FilesAdded++;
        }
        else
        {
            _plan.FilesChanged++;
        }
        if (entry.Stat.Kind == EntryKind.File)
        {
            _plan.Bytes = ByteSum.Add(_plan.Bytes, entry.Stat.Size);
        }
        _plan.Steps.Add(new SyncStep(entry.Path, SyncOperation.Put, reason, entry.Stat));
    }

    private void PlanDirectory(ScannedEntry entry)
    {
        var hides = entry.Opaque && _mirrorDeletions;
        if (_previous.Find(entry.Path) is { Stat.Kind: EntryKind.Directory } before)
        {
            // The previous upload hid the entries under it; hiding again would hide that upload's files too.
            var replaces = hides && !before.Opaque;
            if (replaces && !_cover.IsOpaque)
            {
                _plan.DeletedFiles.AddRange(_stored.FilesAtOrBelow(entry.Path)
                    .Where(p => _present.Find(p) is null && _previous.Find(p) is null && _stored.IsInContext(p)));
            }
            if (_cover.IsReplaced || replaces
                || (entry.Path.Length > 0 && !entry.Stat.IsInode(before.Stat)) || before.Stat.Permissions != entry.Stat.Permissions || before.Opaque != entry.Opaque
                || before.XattrHash != entry.XattrHash)
            {
                Put(replaces, SyncReason.Changed);
            }
            _cover.Add(entry.Path, hides, replaces);
            return;
        }
        var below = _cover.IsOpaque ? null : _stored.Lookup(entry.Path);
        if (entry.Path.Length == 0 && below is null && entry.Stat.Permissions == FileModes.PublicDirectory)
        {
            // The mount point itself exists in every session: nothing to store while it is empty.
            return;
        }
        if (below is { Kind: EntryKind.Directory } && !entry.Opaque && _stored.IsIdentical(entry, below.Value))
        {
            return;
        }
        if (hides && below is not null)
        {
            _plan.DeletedFiles.AddRange(_stored.FilesAtOrBelow(entry.Path).Where(p => _present.Find(p) is null && _stored.IsInContext(p)));
        }
        Put(hides, below is null ? SyncReason.Added : SyncReason.Changed);
        _cover.Add(entry.Path, hides, hides);

        void Put(bool replaces, SyncReason reason) => _plan.Steps.Add(new SyncStep(
            entry.Path, replaces ? SyncOperation.ReplaceDirectory : SyncOperation.PutDirectory, reason, entry.Stat));
    }

    private void PlanWhiteout(ScannedEntry entry)
    {
        if (!_mirrorDeletions)
        {
            _plan.LeftOut.Add(entry);
            _plan.Kept.Add(new(entry.Path, KeptDeletion));
            return;
        }
        var before = _previous.Find(entry.Path);
        if (before is { Stat.Kind: EntryKind.Whiteout })
        {
            return;
        }
        if (!_stored.IsInContext(entry.Path))
        {
            _plan.LeftOut.Add(entry);
            return;
        }
        if (before is null)
        {
            if (_stored.Lookup(entry.Path) is null)
            {
                _plan.LeftOut.Add(entry);
                return;
            }
            _plan.DeletedFiles.AddRange(_stored.FilesAtOrBelow(entry.Path).Where(_stored.IsInContext));
        }
        else
        {
            _plan.DeletedFiles.AddRange(_previous.FilesAtOrBelow(entry.Path).Where(_stored.IsInContext));
        }
        _plan.Steps.Add(new SyncStep(entry.Path, SyncOperation.Delete, SyncReason.Deleted, entry.Stat));
    }

    /// <summary>Plans uploaded entries that are gone from the tree without a whiteout, because there was nothing under
    /// them.</summary>
    private void PlanVanished()
    {
        foreach (var before in _previous.Entries)
        {
            if (before.Path.Length == 0 || _present.Find(before.Path) is not null
                || before.Stat.Kind is EntryKind.Whiteout or EntryKind.Unstorable || !_stored.IsInContext(before.Path))
            {
                continue;
            }
            if (_mirrorDeletions && before.Stat.Kind != EntryKind.Directory && !HiddenByFile(before.Path))
            {
                _plan.DeletedFiles.Add(before.Path);
            }
            if (_present.Find(BytePath.DirectoryOf(before.Path)) is not { Stat.Kind: EntryKind.Directory })
            {
                continue;
            }
            if (!_mirrorDeletions)
            {
                _plan.Kept.Add(new(before.Path, KeptDeletion));
            }
            else
            {
                _plan.Steps.Add(new SyncStep(before.Path, SyncOperation.Delete, SyncReason.Deleted, before.Stat));
            }
        }
    }

    // The deletions under a whiteout above are already counted.
    private bool HiddenByFile(string path)
    {
        for (var parent = BytePath.DirectoryOf(path); parent.Length > 0; parent = BytePath.DirectoryOf(parent))
        {
            if (_present.Find(parent) is { } entry)
            {
                return entry.Stat.Kind == EntryKind.Whiteout;
            }
        }
        return false;
    }

    /// <summary>Directories above the planned entry. Entries come parents first, with the entries of a directory
    /// together.</summary>
    private struct Cover
    {
        private string? _opaque;
        private string? _replaced;

        /// <summary>Whether a directory above hides the stored entries: nothing under it counts as stored.</summary>
        internal bool IsOpaque { get; private set; }

        /// <summary>Whether this upload replaces a directory above: entries uploaded in it before must be uploaded
        /// again.</summary>
        internal bool IsReplaced { get; private set; }

        internal void Enter(string path)
        {
            IsOpaque = IsBelow(path, _opaque);
            IsReplaced = IsBelow(path, _replaced);
        }

        internal void Add(string path, bool opaque, bool replaced)
        {
            _opaque = opaque && !IsOpaque ? path : IsOpaque ? _opaque : null;
            _replaced = replaced && !IsReplaced ? path : IsReplaced ? _replaced : null;
        }

        private static bool IsBelow(string path, string? directory) =>
            directory is not null && (directory.Length == 0 ? path.Length > 0
                : path.Length > directory.Length && path[directory.Length] == '/' && path.StartsWith(directory, StringComparison.Ordinal));
    }
}
