namespace Agb.Engine;

/// <summary>Plans uploads from the current tree, the tree at the last upload, the stored tree and the policy. Pure: depends only
/// on its arguments.</summary>
internal static class SyncPlanner
{
    private const string KeptDeletion = "deleted in the session; the policy does not mirror deletions";

    /// <summary>Plans an upload.</summary>
    /// <param name="current">The session's tree: the upper directory of an overlay, or the whole copy.</param>
    /// <param name="previous">The tree at the last upload; empty before the first upload of an overlay.</param>
    /// <param name="stored">The tree under an overlay; empty for a copy, because its first manifest has all entries.</param>
    /// <param name="policy">The mount's policy.</param>
    /// <param name="filter">The filter of the policy's white lists; null for all.</param>
    internal static SyncPlan Plan(
        IReadOnlyList<ScannedEntry> current, Manifest previous, IStoredTree stored, AgbSyncPolicy policy, PathFilter? filter = null)
    {
        filter ??= PathFilter.All;
        var plan = new SyncPlan
        {
            Current = current,
            // Unlisted entries stay unknown: this session's deletions must not reach a stored file of the same name.
            Manifest = new Manifest(filter.IsAll ? current : current.Where(e => filter.Admits(e.Path))),
            Previous = previous,
        };
        var mirrorDeletions = policy.Delete.SyncLocalFile;
        var present = filter.IsAll ? plan.Manifest : new Manifest(current);
        var cover = new Cover();
        foreach (var entry in current)
        {
            cover.Enter(entry.Path);
            if (!filter.Covers(entry.Path) && !(entry.Stat.Kind == EntryKind.Whiteout && filter.LeadsTo(entry.Path)))
            {
                PlanUnlisted(plan, entry, filter, previous, stored, mirrorDeletions, present, cover);
                continue;
            }
            switch (entry.Stat.Kind)
            {
                case EntryKind.Unstorable:
                    plan.Skipped.Add($"{Raw.ToDisplay(entry.Path)}: sockets and device nodes are not stored");
                    plan.LeftOut.Add(entry);
                    break;
                case EntryKind.Whiteout:
                    PlanWhiteout(plan, entry, previous, stored, mirrorDeletions);
                    break;
                case EntryKind.Directory:
                    PlanDirectory(plan, entry, previous, stored, mirrorDeletions, present, cover);
                    break;
                default:
                    PlanFile(plan, entry, previous, stored, cover);
                    break;
            }
        }
        PlanVanished(plan, previous, stored, present, mirrorDeletions);
        return plan;
    }

    /// <summary>Plans an entry that is not stored. The session may have replaced a directory on the way to listed paths; that
    /// deletes the known entries in it.</summary>
    private static void PlanUnlisted(
        SyncPlan plan, ScannedEntry entry, PathFilter filter, Manifest previous, IStoredTree stored, bool mirrorDeletions,
        Manifest present, Cover cover)
    {
        if (entry.Stat.Kind != EntryKind.Directory || !filter.LeadsTo(entry.Path))
        {
            plan.Unlisted.Add(entry);
        }
        else if (entry.Opaque)
        {
            PlanDirectory(plan, entry, previous, stored, mirrorDeletions, present, cover);
        }
    }

    private static void PlanFile(SyncPlan plan, ScannedEntry entry, Manifest previous, IStoredTree stored, Cover cover)
    {
        var before = previous.Find(entry.Path);
        if (!cover.IsReplaced && before is { } same && entry.Stat.IsUnchanged(same.Stat))
        {
            return;
        }
        var below = before is null || stored.IsFirstManifest ? stored.Lookup(entry.Path) : null;
        // overlayfs copies a file up when it is opened for writing, with or without a write; and in a copy, a file may have been
        // touched but not changed.
        if (!cover.IsOpaque && below is { } there && there.Kind == entry.Stat.Kind && stored.IsIdentical(entry, there))
        {
            plan.LeftOut.Add(entry);
            return;
        }
        var existed = before is { Stat.Kind: EntryKind.File or EntryKind.Symlink or EntryKind.Fifo } || (before is null && below is not null);
        var reason = existed && stored.IsInContext(entry.Path) ? SyncReason.Changed : SyncReason.Added;
        if (reason == SyncReason.Added)
        {
            plan.FilesAdded++;
        }
        else
        {
            plan.FilesChanged++;
        }
        if (entry.Stat.Kind == EntryKind.File)
        {
            plan.Bytes = ByteSum.Add(plan.Bytes, entry.Stat.Size);
        }
        plan.Steps.Add(new SyncStep(entry.Path, SyncOperation.Put, reason, entry.Stat));
    }

    private static void PlanDirectory(
        SyncPlan plan, ScannedEntry entry, Manifest previous, IStoredTree stored, bool mirrorDeletions,
        Manifest present, Cover cover)
    {
        var hides = entry.Opaque && mirrorDeletions;
        if (previous.Find(entry.Path) is { Stat.Kind: EntryKind.Directory } before)
        {
            // The previous upload hid the entries under it; hiding again would hide that upload's files too.
            var replaces = hides && !before.Opaque;
            if (replaces && !cover.IsOpaque)
            {
                plan.DeletedFiles.AddRange(stored.FilesAtOrBelow(entry.Path)
                    .Where(p => present.Find(p) is null && previous.Find(p) is null && stored.IsInContext(p)));
            }
            if (cover.IsReplaced || replaces
                || !entry.Stat.IsInode(before.Stat) || before.Stat.Permissions != entry.Stat.Permissions || before.Opaque != entry.Opaque
                || before.XattrHash != entry.XattrHash)
            {
                Put(replaces, SyncReason.Changed);
            }
            cover.Add(entry.Path, hides, replaces);
            return;
        }
        var below = cover.IsOpaque ? null : stored.Lookup(entry.Path);
        if (entry.Path.Length == 0 && below is null && entry.Stat.Permissions == SessionOwned.DirectoryPermissions)
        {
            // The mount point itself exists in every session: nothing to store while it is empty.
            return;
        }
        if (below is { Kind: EntryKind.Directory } && !entry.Opaque && stored.IsIdentical(entry, below.Value))
        {
            return;
        }
        if (hides && below is not null)
        {
            plan.DeletedFiles.AddRange(stored.FilesAtOrBelow(entry.Path).Where(p => present.Find(p) is null && stored.IsInContext(p)));
        }
        Put(hides, below is null ? SyncReason.Added : SyncReason.Changed);
        cover.Add(entry.Path, hides, hides);

        void Put(bool replaces, SyncReason reason) => plan.Steps.Add(new SyncStep(
            entry.Path, replaces ? SyncOperation.ReplaceDirectory : SyncOperation.PutDirectory, reason, entry.Stat));
    }

    private static void PlanWhiteout(
        SyncPlan plan, ScannedEntry entry, Manifest previous, IStoredTree stored, bool mirrorDeletions)
    {
        if (!mirrorDeletions)
        {
            plan.LeftOut.Add(entry);
            plan.Kept.Add(new(entry.Path, KeptDeletion));
            return;
        }
        var before = previous.Find(entry.Path);
        if (before is { Stat.Kind: EntryKind.Whiteout })
        {
            return;
        }
        if (!stored.IsInContext(entry.Path))
        {
            plan.LeftOut.Add(entry);
            return;
        }
        if (before is null)
        {
            if (stored.Lookup(entry.Path) is null)
            {
                plan.LeftOut.Add(entry);
                return;
            }
            plan.DeletedFiles.AddRange(stored.FilesAtOrBelow(entry.Path).Where(stored.IsInContext));
        }
        else
        {
            plan.DeletedFiles.AddRange(previous.FilesAtOrBelow(entry.Path).Where(stored.IsInContext));
        }
        plan.Steps.Add(new SyncStep(entry.Path, SyncOperation.Delete, SyncReason.Deleted, entry.Stat));
    }

    /// <summary>Plans uploaded entries that are gone from the tree without a whiteout, because there was nothing under
    /// them.</summary>
    private static void PlanVanished(
        SyncPlan plan, Manifest previous, IStoredTree stored, Manifest present, bool mirrorDeletions)
    {
        foreach (var before in previous.Entries)
        {
            if (before.Path.Length == 0 || present.Find(before.Path) is not null
                || before.Stat.Kind is EntryKind.Whiteout or EntryKind.Unstorable || !stored.IsInContext(before.Path))
            {
                continue;
            }
            if (mirrorDeletions && before.Stat.Kind != EntryKind.Directory && !HiddenByFile(before.Path, present))
            {
                plan.DeletedFiles.Add(before.Path);
            }
            if (present.Find(Raw.DirectoryOf(before.Path)) is not { Stat.Kind: EntryKind.Directory })
            {
                continue;
            }
            if (!mirrorDeletions)
            {
                plan.Kept.Add(new(before.Path, KeptDeletion));
            }
            else
            {
                plan.Steps.Add(new SyncStep(before.Path, SyncOperation.Delete, SyncReason.Deleted, before.Stat));
            }
        }
    }

    // The deletions under a whiteout above are already counted.
    private static bool HiddenByFile(string path, Manifest present)
    {
        for (var parent = Raw.DirectoryOf(path); parent.Length > 0; parent = Raw.DirectoryOf(parent))
        {
            if (present.Find(parent) is { } entry)
            {
                return entry.Stat.Kind == EntryKind.Whiteout;
            }
        }
        return false;
    }

    /// <summary>Directories above the planned entry. Entries come parents first, with the entries of a directory
    /// together.</summary>
    private sealed class Cover
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
