namespace Agb.Store;

/// <summary>Resolves the redirects of an overlay's upper directory. There, a renamed directory has only the session's changes;
/// its other content is in the lower layers under the old name. After resolution, it is an opaque directory under the new name
/// with its whole content, so that planner and writer see no redirects.</summary>
internal sealed class Redirects
{
    /// <summary>Change time for entries of the lower layers: their content never changes, but
    /// new links change their time.</summary>
    internal const long StoredCtimeNs = 1;

    private readonly List<ScannedEntry> _scanned;
    private readonly List<ScannedEntry> _found;
    private readonly Manifest _previous;
    private readonly MergedDirectory _below;
    private readonly CancellationToken _cancellationToken;
    private int _next = 1;

    private Redirects(List<ScannedEntry> scanned, Manifest previous, MergedDirectory below, CancellationToken cancellationToken)
    {
        _scanned = scanned;
        _found = new(scanned.Count) { scanned[0] };
        _previous = previous;
        _below = below;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Resolves redirects. The cost depends on the number of entries in renamed trees.</summary>
    /// <param name="scanned">The upper directory, parents before children.</param>
    /// <param name="previous">The tree at the last upload: its deleted or replaced entries return after a rename back.</param>
    /// <param name="below">The view of the lower layers.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static List<ScannedEntry> Resolve(
        List<ScannedEntry> scanned, Manifest previous, Func<MergedDirectory> below, CancellationToken cancellationToken)
    {
        if (!scanned.Exists(e => e.Redirect is not null))
        {
            return scanned;
        }
        using var view = below();
        var redirects = new Redirects(scanned, previous, view, cancellationToken);
        redirects.Walk("", "", 0);
        return redirects._found;
    }

    /// <summary>Path of a directory in the lower layers.</summary>
    /// <param name="entry">The scanned directory.</param>
    /// <param name="parent">Path of its parent there, or null for none.</param>
    internal static string? Below(ScannedEntry entry, string? parent) =>
        entry.Opaque ? null
        : entry.Redirect is ['/', .. var path] ? path
        : parent is null ? null
        : BytePath.Join(parent, entry.Redirect ?? BytePath.NameOf(entry.Path));

    /// <summary>Walks a directory outside of renamed trees.</summary>
    private void Walk(string path, string? below, int depth)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        while (IsNextIn(path))
        {
            var entry = _scanned[_next++];
            if (entry.Stat.Kind != EntryKind.Directory)
            {
                _found.Add(entry);
                continue;
            }
            var origin = Below(entry, below);
            if (entry.Redirect is null || (origin == entry.Path && IsStillStored(entry.Path)))
            {
                _found.Add(entry with { Redirect = null });
                Walk(entry.Path, origin, depth + 1);
            }
            else
            {
                Bring(entry, origin, depth + 1);
            }
        }
    }

    /// <summary>Whether the context still has the lower layers' directory at a path, neither deleted
    /// nor replaced by this session.</summary>
    private bool IsStillStored(string path) => _previous.Find(path) is null or { Stat.Kind: EntryKind.Directory, Opaque: false };

    /// <summary>Adds a renamed directory with its whole content.</summary>
    private void Bring(ScannedEntry entry, string? origin, int depth)
    {
        _found.Add(entry with { Opaque = true, Redirect = null });
        using var below = origin is null ? MergedDirectory.Empty() : _below.OpenPath(origin);
        Merge(entry.Path, below, origin, depth);
    }

    private void Merge(string path, MergedDirectory below, string? origin, int depth)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        TreeScanner.RequireDepth(path, depth);
        var stored = new Queue<(string Name, FileStat Stat)>(below.Entries());
        while (IsNextIn(path))
        {
            var entry = _scanned[_next++];
            var name = BytePath.NameOf(entry.Path);
            while (stored.TryPeek(out var first) && string.CompareOrdinal(first.Name, name) < 0)
            {
                AddStored(path, below, origin!, stored.Dequeue(), depth);
            }
            var isBelow = stored.TryPeek(out var same) && same.Name == name;
            if (isBelow)
            {
                stored.Dequeue();
            }
            if (entry.Stat.Kind == EntryKind.Directory)
            {
                AddDirectory(entry, below, origin, isBelow && same.Stat.Kind == EntryKind.Directory, depth + 1);
            }
            else if (entry.Stat.Kind != EntryKind.Whiteout)
            {
                _found.Add(entry);
            }
        }
        while (stored.TryDequeue(out var rest))
        {
            AddStored(path, below, origin!, rest, depth);
        }
    }

    private void AddDirectory(ScannedEntry entry, MergedDirectory below, string? origin, bool isBelow, int depth)
    {
        if (entry.Redirect is not null)
        {
            Bring(entry, Below(entry, origin), depth);
            return;
        }
        _found.Add(entry);
        using var child = isBelow && !entry.Opaque ? below.OpenChild(BytePath.NameOf(entry.Path)) : MergedDirectory.Empty();
        Merge(entry.Path, child, Below(entry, origin), depth);
    }

    private void AddStored(string path, MergedDirectory below, string origin, (string Name, FileStat Stat) entry, int depth)
    {
        var (name, stat) = entry;
        if (stat.Kind == EntryKind.Unstorable)
        {
            return;
        }
        var (newPath, at) = (BytePath.Join(path, name), BytePath.Join(origin, name));
        var found = new ScannedEntry(newPath, stat with { CtimeNs = StoredCtimeNs }, false) { StoredAt = at };
        if (stat.Kind != EntryKind.Directory)
        {
            _found.Add(found);
            return;
        }
        using var child = below.OpenChild(name);
        _found.Add(found with { XattrHash = Xattrs.Hash(child.Topmost) });
        TreeScanner.RequireDepth(newPath, depth + 1);
        foreach (var next in child.Entries())
        {
            AddStored(newPath, child, at, next, depth + 1);
        }
    }

    private bool IsNextIn(string directory)
    {
        if (_next == _scanned.Count)
        {
            return false;
        }
        var path = _scanned[_next].Path;
        return directory.Length == 0
            ? !path.Contains('/', StringComparison.Ordinal)
            : path.Length > directory.Length && path[directory.Length] == '/' && path.StartsWith(directory, StringComparison.Ordinal)
                && path.IndexOf('/', directory.Length + 1) < 0;
    }
}
