namespace Agb.Engine;

/// <summary>Says what a download does, from what changed in the context, what the session's tree holds and what it held when
/// session and context last agreed. Pure: all it knows comes in as arguments.</summary>
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
    /// <param name="differences">What differs: directories before what is in them, those that are gone after it. With
    /// <paramref name="force"/>, what is the same as well.</param>
    /// <param name="isStored">Whether the session was given a path, or it is stored now.</param>
    /// <param name="session">The session's tree.</param>
    /// <param name="known">What that held when session and context last agreed.</param>
    /// <param name="force">Replace, bring back and remove also what the session changed.</param>
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
            // What came since it was given counts.
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

    /// <summary>A directory that both have. What is in it changes its time, so that is nobody's own; mode and extended attributes
    /// are the session's where it changed them.</summary>
    private void PlanAttributes(in TreeDifference difference, FileStat stat, FileStat seen)
    {
        var path = difference.Path;
        (uint Permissions, ulong Xattrs, long MtimeNs)? agreed =
            _known.Find(path) is { Stat.Kind: EntryKind.Directory } known ? (known.Stat.Permissions, known.XattrHash, known.Stat.MtimeNs)
            : difference.Was is { Kind: EntryKind.Directory } was && !_session.IsKnownDeleted(path) ? (was.Permissions, difference.WasXattrs, was.MtimeNs)
            : path.Length == 0 ? (SessionOwned.DirectoryPermissions, 0, 0)
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
        // The session's own upload may have come back as a layer, or both did the same.
        if (there is { } own && own.Kind == stat.Kind && (!isUntouched || _known.Find(path) is not null)
            && _session.FindEqual(path, stat) is { } equal)
        {
            _plan.Agreed.Add(new(equal, stat));
            return;
        }
        // Nothing of it may be left where the session replaced a directory above it. What the session deleted and uploaded as
        // deleted is agreed on, so what another stored there since is news.
        var isDeleted = there is null && !isMade
            && (!isUntouched || (difference.Was is { Kind: not EntryKind.Directory } && !_session.IsKnownDeleted(path)));
        if (!_force && (isDeleted || (there is not null && !isUntouched)))
        {
            _plan.Kept.Add(new(path, isDeleted ? "deleted in the session" : "changed in the session"));
            return;
        }
        Add(path, DownloadOperation.Put, there is null ? SyncReason.Added : SyncReason.Changed, stat);
    }

    /// <summary>Whether what is stored is something else than what session and context agreed on; by force, than what the session
    /// has.</summary>
    private bool IsNews(in TreeDifference difference, FileStat stat, bool isAsAgreed)
    {
        if (_force && !isAsAgreed)
        {
            return true;
        }
        if (_known.Find(difference.Path) is not { Stat.Kind: EntryKind.File or EntryKind.Symlink or EntryKind.Fifo } known)
        {
            // What was unpacked anew is another file of the same content: its deletion stands as long as the archive is the same.
            return !difference.IsSame || (difference.Was?.Ino == stat.Ino && _session.IsKnownDeleted(difference.Path));
        }
        if (known.IsStoredAs(stat) || (difference is { IsSame: true, Was: { } was } && known.IsStoredAs(was)))
        {
            return false;
        }
        // What the session has as it was agreed on is compared. Of what it changed since, the old content is gone.
        return isAsAgreed || known.Stat.Kind != stat.Kind || known.Stat.Size != stat.Size || known.Stat.MtimeNs != stat.MtimeNs
            || known.Stat.Permissions != stat.Permissions;
    }

    /// <summary>A file, symlink or FIFO is stored where the session has a directory.</summary>
    private void PlanFileForDirectory(string path, FileStat stat)
    {
        if (!_force && !IsAllAgreed(path))
        {
            _plan.Kept.Add(new(path, "a directory in the session, with changes of its own"));
            return;
        }
        DeleteAll(path);
        _plan.Steps.Add(new(path, DownloadOperation.Put, SyncReason.Changed, stat) { IsAfterDirectory = true });
    }

    /// <summary>Whether all that the session has in a directory is as session and context agreed on it.</summary>
    private bool IsAllAgreed(string directory)
    {
        foreach (var name in _session.Names(directory))
        {
            var path = Raw.Join(directory, name);
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
            var path = Raw.Join(directory, name);
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
            // Both had deleted it; what is there now only the session has.
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
        foreach (var child in _session.Names(path).Select(name => Raw.Join(path, name)))
        {
            // What came into it since it was given.
            if (_known.Find(child) is { Stat.Kind: not (EntryKind.Whiteout or EntryKind.Unstorable) and var kind })
            {
                PlanGone(child, kind == EntryKind.Directory, _session.Lookup(child));
            }
        }
        if (_session.Names(path).All(name => _deleted.Contains(Raw.Join(path, name))))
        {
            Remove(path, DownloadOperation.DeleteDirectory, stat);
        }
    }

    /// <summary>What came by an earlier download, or was uploaded by the session itself, and is stored no longer.</summary>
    private void PlanKnown()
    {
        // Backwards, so that a directory comes after what was in it.
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
        for (var above = Raw.DirectoryOf(path); _made.Count > 0 && above.Length > 0; above = Raw.DirectoryOf(above))
        {
            if (_made.Contains(above))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Nothing comes to a directory, nor into it; that is worth a word when something new would have come.</summary>
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
