namespace Agb.Engine;

/// <summary>Plans downloads from the changes in the context, the session's tree and its state at the last agreement of session
/// and context. Pure: depends only on its arguments.</summary>
internal sealed class DownloadPlanner
{
    private readonly DownloadPlan _plan = new();
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly Func<string, bool> _isStored;
    private readonly ISessionTree _session;
    private readonly Manifest _known;
    private readonly bool _force;
    private string? _blocked;

    private DownloadPlanner(Func<string, bool> isStored, ISessionTree session, Manifest known, bool force)
    {
        _isStored = isStored;
        _session = session;
        _known = known;
        _force = force;
    }

    /// <summary>Plans a download.</summary>
    /// <param name="differences">The differences: directories before their contents, deleted ones after them. With
    /// <paramref name="force"/>, equal entries too.</param>
    /// <param name="isStored">Whether a path was given to the session or is stored now.</param>
    /// <param name="session">The session's tree.</param>
    /// <param name="known">The tree's state at the last agreement of session and context.</param>
    /// <param name="force">Replace, restore and remove also entries changed by the session.</param>
    internal static DownloadPlan Plan(
        IEnumerable<TreeDifference> differences, Func<string, bool> isStored, ISessionTree session, Manifest known, bool force)
    {
        var planner = new DownloadPlanner(isStored, session, known, force);
        foreach (var difference in differences)
        {
            planner.Plan(difference);
        }
        planner.PlanKnown();
        return planner._plan;
    }

    private void Plan(in TreeDifference difference)
    {
        var (path, was, now, _) = difference;
        if (_blocked is { } blocked && path.StartsWith(blocked + "/", StringComparison.Ordinal))
        {
            return;
        }
        var there = IsMade(path) ? null : _session.Lookup(path);
        if (now is not { } stat)
        {
            // A later download or upload takes precedence over the given entry.
            PlanGone(path, (_known.Find(path)?.Stat.Kind ?? was?.Kind) == EntryKind.Directory, there);
        }
        else if (stat.Kind != EntryKind.Directory)
        {
            PlanFile(difference, stat, there);
        }
        else if (there is { Kind: EntryKind.Directory } seen)
        {
            PlanAttributes(difference, stat, seen);
        }
        else
        {
            PlanDirectory(difference, stat, there);
        }
    }

    private void PlanDirectory(in TreeDifference difference, FileStat stat, FileStat? there)
    {
        var path = difference.Path;
        if (there is null && difference.Was is { Kind: EntryKind.Directory } && !_force && !IsMade(path) && !_session.IsKnownDeleted(path))
        {
            Block(difference, "deleted in the session");
            return;
        }
        if (there is { } other)
        {
            if (!_force && !_session.IsUntouched(path))
            {
                Block(difference, "a file in the session");
                return;
            }
            Add(path, DownloadOperation.Delete, SyncReason.Changed, other);
        }
        Add(path, DownloadOperation.MakeDirectory, SyncReason.Added, stat);
        _made.Add(path);
    }

    /// <summary>Plans the attributes of a directory in both trees. Its time follows its contents, so a changed time is no
    /// conflict; mode and extended attributes changed by the session are kept.</summary>
    private void PlanAttributes(in TreeDifference difference, FileStat stat, FileStat seen)
    {
        var path = difference.Path;
        (uint Permissions, ulong Xattrs, long MtimeNs)? agreed =
            _known.Find(path) is { Stat.Kind: EntryKind.Directory } known ? (known.Stat.Permissions, known.XattrHash, known.Stat.MtimeNs)
            : difference.Was is { Kind: EntryKind.Directory } was && !_session.IsKnownDeleted(path) ? (was.Permissions, difference.WasXattrs, was.MtimeNs)
            : path.Length == 0 ? (FileModes.PublicDirectory, 0, 0)
            : null;
        var wanted = (stat.Permissions, difference.NowXattrs);
        var has = (seen.Permissions, _session.XattrHash(path));
        if (has != wanted && (_force || agreed is not { } a || (a.Permissions, a.Xattrs) != wanted))
        {
            if (_force || (agreed is { } mine && (mine.Permissions, mine.Xattrs) == has))
            {
                Add(path, DownloadOperation.SetDirectory, SyncReason.Changed, stat);
                return;
            }
            _plan.Kept.Add(new(path, "attributes changed in the session"));
        }
        var isTimeOwn = !_force && seen.MtimeNs != stat.MtimeNs && seen.MtimeNs != agreed?.MtimeNs;
        if (!isTimeOwn && (seen.MtimeNs != stat.MtimeNs || !difference.IsSame))
        {
            Add(path, DownloadOperation.SetTime, SyncReason.Changed, stat);
        }
    }

    private void PlanFile(in TreeDifference difference, FileStat stat, FileStat? there)
    {
        var path = difference.Path;
        var isMade = IsMade(path);
        var isUntouched = !isMade && _session.IsUntouched(path);
        if (!isMade && !IsNews(difference, stat, isUntouched && there is not null))
        {
            return;
        }
        if (there is { Kind: EntryKind.Directory })
        {
            PlanFileForDirectory(path, stat);
            return;
        }
        // The session's own upload may have come back as a layer, or both sides made the same change.
        if (there is { } own && own.Kind == stat.Kind && (!isUntouched || _known.Find(path) is not null)
            && _session.FindEqual(path, stat) is { } equal)
        {
            _plan.Agreed.Add(new(equal, stat));
            return;
        }
        // Nothing of it may remain where the session replaced a parent directory. An uploaded deletion of the session counts as
        // agreed, so a file stored there since is news.
        var isDeleted = there is null && !isMade
            && (!isUntouched || (difference.Was is { Kind: not EntryKind.Directory } && !_session.IsKnownDeleted(path)));
        if (!_force && (isDeleted || (there is not null && !isUntouched)))
        {
            _plan.Kept.Add(new(path, isDeleted ? "deleted in the session" : "changed in the session"));
            return;
        }
        Add(path, DownloadOperation.Put, there is null ? SyncReason.Added : SyncReason.Changed, stat);
    }

    /// <summary>Whether the stored entry differs from the agreed entry; in a forced download, from the session's entry.</summary>
    private bool IsNews(in TreeDifference difference, FileStat stat, bool isAsAgreed)
    {
        if (_force && !isAsAgreed)
        {
            return true;
        }
        if (_known.Find(difference.Path) is not { Stat.Kind: EntryKind.File or EntryKind.Symlink or EntryKind.Fifo } known)
        {
            // A file unpacked again has another inode but the same content: its deletion stands while the archive is the same.
            return !difference.IsSame || (difference.Was?.Ino == stat.Ino && _session.IsKnownDeleted(difference.Path));
        }
        if (known.IsStoredAs(stat) || (difference is { IsSame: true, Was: { } was } && known.IsStoredAs(was)))
        {
            return false;
        }
        // An unchanged entry of the session is compared by content. For a changed one, the old content is gone.
        return isAsAgreed || known.Stat.Kind != stat.Kind || known.Stat.Size != stat.Size || known.Stat.MtimeNs != stat.MtimeNs
            || known.Stat.Permissions != stat.Permissions;
    }

    /// <summary>Plans a stored file, symlink or FIFO in place of a directory of the session.</summary>
    private void PlanFileForDirectory(string path, FileStat stat)
    {
        if (!_force && !IsAllAgreed(path))
        {
            _plan.Kept.Add(new(path, "a directory in the session, with its own changes"));
            return;
        }
        DeleteAll(path);
        _plan.Steps.Add(new(path, DownloadOperation.Put, SyncReason.Changed, stat) { IsAfterDirectory = true });
    }

    /// <summary>Whether a directory of the session, with all its contents, is as agreed.</summary>
    private bool IsAllAgreed(string directory)
    {
        foreach (var name in _session.Names(directory))
        {
            var path = BytePath.Join(directory, name);
            if (_session.Lookup(path) is not { } there)
            {
                continue;
            }
            if (there.Kind == EntryKind.Directory
                ? (_known.Find(path) is null && !_isStored(path)) || !IsAllAgreed(path)
                : !_session.IsUntouched(path))
            {
                return false;
            }
        }
        return true;
    }

    private void DeleteAll(string directory)
    {
        foreach (var name in _session.Names(directory))
        {
            var path = BytePath.Join(directory, name);
            if (_session.Lookup(path) is { Kind: EntryKind.Directory })
            {
                DeleteAll(path);
            }
            else if (_session.Lookup(path) is { } there)
            {
                if (_known.Find(path) is null && !_isStored(path))
                {
                    _plan.OnlyHere.Add(path);
                }
                Remove(path, DownloadOperation.Delete, there);
            }
        }
        Remove(directory, DownloadOperation.DeleteDirectory, default);
    }

    private void PlanGone(string path, bool wasDirectory, FileStat? there)
    {
        if (!_gone.Add(path))
        {
            return;
        }
        if (there is not { } stat)
        {
            Add(path, DownloadOperation.Note, SyncReason.Deleted, default);
            return;
        }
        if (_session.IsKnownDeleted(path))
        {
            // Both sides deleted it; a present entry exists only in the session.
            return;
        }
        if (wasDirectory && stat.Kind == EntryKind.Directory)
        {
            PlanGoneDirectory(path, stat);
        }
        else if (stat.Kind == EntryKind.Directory || (!_force && !_session.IsUntouched(path)))
        {
            _plan.Kept.Add(new(path, "changed in the session"));
        }
        else
        {
            Remove(path, DownloadOperation.Delete, stat);
        }
    }

    private void PlanGoneDirectory(string path, FileStat stat)
    {
        foreach (var child in _session.Names(path).Select(name => BytePath.Join(path, name)))
        {
            // Entries added since the directory was given.
            if (_known.Find(child) is { Stat.Kind: not (EntryKind.Whiteout or EntryKind.Unstorable) and var kind })
            {
                PlanGone(child, kind == EntryKind.Directory, _session.Lookup(child));
            }
        }
        if (_session.Names(path).All(name => _deleted.Contains(BytePath.Join(path, name))))
        {
            Remove(path, DownloadOperation.DeleteDirectory, stat);
        }
    }

    /// <summary>Plans entries from an earlier download or the session's own upload that are no longer stored.</summary>
    private void PlanKnown()
    {
        // Backwards, so directories come after their contents.
        foreach (var entry in _known.Entries.Reverse())
        {
            if (entry.Path.Length == 0 || entry.Stat.Kind is EntryKind.Whiteout or EntryKind.Unstorable || _deleted.Contains(entry.Path)
                || _isStored(entry.Path) || _session.Lookup(entry.Path) is not { } there)
            {
                continue;
            }
            PlanGone(entry.Path, entry.Stat.Kind == EntryKind.Directory, there);
        }
    }

    private bool IsMade(string path)
    {
        for (var above = BytePath.DirectoryOf(path); _made.Count > 0 && above.Length > 0; above = BytePath.DirectoryOf(above))
        {
            if (_made.Contains(above))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Blocks a directory and its contents, and lists it if there would be new entries.</summary>
    private void Block(in TreeDifference difference, string why)
    {
        if (!difference.IsSame)
        {
            _plan.Kept.Add(new(difference.Path, why));
        }
        _blocked = difference.Path;
    }

    private void Remove(string path, DownloadOperation operation, FileStat stat)
    {
        Add(path, operation, SyncReason.Deleted, stat);
        _deleted.Add(path);
    }

    private void Add(string path, DownloadOperation operation, SyncReason reason, FileStat stat) =>
        _plan.Steps.Add(new(path, operation, reason, stat));
}
