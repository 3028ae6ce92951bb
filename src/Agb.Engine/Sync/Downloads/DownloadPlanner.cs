using Agb.Engine.Native;
using Agb.Engine.Store;

namespace Agb.Engine.Sync.Downloads;

/// <summary>Says what a download does, from what changed in the context, what the session's tree holds and what it held when
/// session and context last agreed. Pure: all it knows comes in as arguments.</summary>
internal sealed class DownloadPlanner
{
    private readonly DownloadPlan _plan = new();
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly ISessionTree _session;
    private readonly Manifest _known;
    private readonly bool _force;
    private string? _blocked;

    private DownloadPlanner(ISessionTree session, Manifest known, bool force)
    {
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
        var planner = new DownloadPlanner(session, known, force);
        foreach (var difference in differences)
        {
            planner.Plan(difference);
        }
        planner.PlanKnown(isStored);
        return planner._plan;
    }

    private void Plan(TreeDifference difference)
    {
        var (path, was, now, isSame) = difference;
        if (_blocked is { } blocked && path.StartsWith(blocked + "/", StringComparison.Ordinal))
        {
            return;
        }
        var there = IsMade(path) ? null : _session.Lookup(path);
        if (now is not { } stat)
        {
            PlanGone(path, was is { Kind: EntryKind.Directory }, there);
        }
        else if (stat.Kind == EntryKind.Directory)
        {
            PlanDirectory(path, was, stat, there);
        }
        else
        {
            PlanFile(path, was, stat, there, isSame);
        }
    }

    private void PlanDirectory(string path, FileStat? was, FileStat stat, FileStat? there)
    {
        if (there is { Kind: EntryKind.Directory })
        {
            return;
        }
        if (there is null && was is { Kind: EntryKind.Directory } && !_force && !IsMade(path) && !_session.IsKnownDeleted(path))
        {
            Block(path, "deleted in the session");
            return;
        }
        if (there is { } other)
        {
            if (!_force && !_session.IsUntouched(path))
            {
                Block(path, "a file in the session");
                return;
            }
            Add(path, DownloadOperation.Delete, SyncReason.Changed, other);
        }
        Add(path, DownloadOperation.MakeDirectory, SyncReason.Added, stat);
        _made.Add(path);
    }

    private void PlanFile(string path, FileStat? was, FileStat stat, FileStat? there, bool isSame)
    {
        var isUntouched = !IsMade(path) && _session.IsUntouched(path);
        if (isUntouched && there is not null)
        {
            // The session's own upload may have come back as a layer.
            if (isSame || (_known.Find(path) is { } own && own.Stat.Kind == stat.Kind && own.Stat.Size == stat.Size && own.Stat.MtimeNs == stat.MtimeNs))
            {
                return;
            }
        }
        if (there is { Kind: EntryKind.Directory })
        {
            _plan.Kept.Add(new(path, "a directory in the session"));
            return;
        }
        // Nothing of it may be left where the session replaced a directory above it. What the session deleted and uploaded as
        // deleted is agreed on, so what another stored there since is news.
        var isDeleted = there is null && !IsMade(path)
            && (!isUntouched || (was is { Kind: not EntryKind.Directory } && !_session.IsKnownDeleted(path)));
        if (!_force && (isDeleted || (there is not null && !isUntouched)))
        {
            _plan.Kept.Add(new(path, isDeleted ? "deleted in the session" : "changed in the session"));
            return;
        }
        Add(path, DownloadOperation.Put, there is null ? SyncReason.Added : SyncReason.Changed, stat);
    }

    private void PlanGone(string path, bool wasDirectory, FileStat? there)
    {
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
            Add(path, DownloadOperation.Delete, SyncReason.Deleted, stat);
            _deleted.Add(path);
        }
    }

    private void PlanGoneDirectory(string path, FileStat stat)
    {
        if (_session.Names(path).All(name => _deleted.Contains(Raw.Join(path, name))))
        {
            Add(path, DownloadOperation.DeleteDirectory, SyncReason.Deleted, stat);
            _deleted.Add(path);
        }
    }

    /// <summary>What came by an earlier download, or was uploaded by the session itself, and is stored no longer.</summary>
    private void PlanKnown(Func<string, bool> isStored)
    {
        // Backwards, so that a directory comes after what was in it.
        foreach (var entry in _known.Entries.Reverse())
        {
            if (entry.Path.Length == 0 || entry.Stat.Kind is EntryKind.Whiteout or EntryKind.Unstorable || isStored(entry.Path)
                || _session.Lookup(entry.Path) is not { } there)
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

    private void Block(string path, string why)
    {
        _plan.Kept.Add(new(path, why));
        _blocked = path;
    }

    private void Add(string path, DownloadOperation operation, SyncReason reason, FileStat stat) =>
        _plan.Steps.Add(new(path, operation, reason, stat));
}
