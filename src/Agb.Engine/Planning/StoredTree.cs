namespace Agb.Engine;

/// <summary>The stored tree at the start of a session, compared with the session's tree entry by entry.</summary>
internal sealed class StoredTree : IStoredTree, IDisposable
{
    private readonly MergedDirectory _root;
    private readonly MergedDirectory? _context;
    private readonly ChangeTrees _changes;
    private readonly PathCursor<MergedDirectory> _stored;

    /// <summary>Creates the view.</summary>
    /// <param name="root">The stored tree at the mount's origin; owned by this view.</param>
    /// <param name="changes">The session's tree; the caller closes it.</param>
    /// <param name="isFirstManifest">See <see cref="IStoredTree.IsFirstManifest"/>.</param>
    /// <param name="context">The context's current tree, if the session has policy layers on top of it; else null. Owned by this
    /// view.</param>
    internal StoredTree(MergedDirectory root, ChangeTrees changes, bool isFirstManifest, MergedDirectory? context = null)
    {
        _context = context;
        _root = root;
        IsFirstManifest = isFirstManifest;
        _stored = new PathCursor<MergedDirectory>(root, (parent, name, _) => parent.OpenChild(name));
        _changes = changes;
    }

    /// <inheritdoc/>
    public bool IsFirstManifest { get; }

    /// <inheritdoc/>
    public FileStat? Lookup(string path) =>
        path.Length == 0
            ? _root.Exists ? _root.Stat() : null
            : _stored.At(BytePath.DirectoryOf(path)).Lookup(BytePath.NameOf(path));

    /// <inheritdoc/>
    public bool IsInContext(string path) => _context is null || _context.LookupPath(path) is not null;

    /// <inheritdoc/>
    public bool IsIdentical(ScannedEntry entry, FileStat stored)
    {
        if (entry.Stat.Permissions != stored.Permissions)
        {
            return false;
        }
        if (entry.Stat.Kind != EntryKind.Directory && (entry.Stat.Size != stored.Size || entry.Stat.MtimeNs != stored.MtimeNs))
        {
            return false;
        }
        if (entry.Stat.Kind == EntryKind.Fifo)
        {
            return true;
        }
        using var mine = OpenUpper(entry);
        return mine is not null && IsIdentical(entry, mine);
    }

    /// <summary>Whether an entry of the same kind and content is stored at its path; attributes may differ.</summary>
    internal bool HasSameContent(ScannedEntry entry)
    {
        if (Lookup(entry.Path) is not { } stored || stored.Kind != entry.Stat.Kind)
        {
            return false;
        }
        if (entry.Stat.Kind is EntryKind.Directory or EntryKind.Fifo)
        {
            return true;
        }
        using var mine = OpenUpper(entry);
        return mine is not null && HasSameContent(entry, mine, compareXattrs: false);
    }

    /// <summary>Opens the session's entry, or the parent directory of a symlink.</summary>
    /// <returns>Null if the running session removed or replaced the entry since the scan.</returns>
    private Fd? OpenUpper(ScannedEntry entry)
    {
        try
        {
            var name = BytePath.NameOf(entry.Path);
            var mine = entry.Stat.Kind switch
            {
                EntryKind.Directory => _changes.At(entry.Path).OpenDirectoryAt("."),
                EntryKind.Symlink => _changes.HolderOf(entry.Path).OpenDirectoryAt("."),
                _ => _changes.HolderOf(entry.Path).OpenReadAt(name),
            };
            var kind = entry.Stat.Kind == EntryKind.Symlink ? mine.TryStatAt(name)?.Kind : mine.Stat().Kind;
            if (kind == entry.Stat.Kind)
            {
                return mine;
            }
            mine.Dispose();
            return null;
        }
        catch (PosixException e) when (Errno.IsGone(e.Errno))
        {
            return null;
        }
    }

    private bool IsIdentical(ScannedEntry entry, Fd mine)
    {
        if (entry.Stat.Kind == EntryKind.Directory)
        {
            return SameXattrs(mine, _stored.At(entry.Path).Topmost);
        }
        return HasSameContent(entry, mine, compareXattrs: true);
    }

    private bool HasSameContent(ScannedEntry entry, Fd mine, bool compareXattrs)
    {
        var name = BytePath.NameOf(entry.Path);
        var stored = _stored.At(BytePath.DirectoryOf(entry.Path));
        if (entry.Stat.Kind == EntryKind.Symlink)
        {
            return mine.ReadLinkAt(name) == stored.HolderOf(name).ReadLinkAt(name);
        }
        using var theirs = stored.OpenRead(name);
        return (!compareXattrs || SameXattrs(mine, theirs)) && FileComparer.SameContent(mine, theirs);
    }

    /// <inheritdoc/>
    public IEnumerable<string> FilesAtOrBelow(string path)
    {
        if (Lookup(path) is not { } stat)
        {
            yield break;
        }
        if (stat.Kind != EntryKind.Directory)
        {
            yield return path;
            yield break;
        }
        // Each level is opened by path, because the caller may use this view between two results.
        foreach (var (name, _) in _stored.At(path).Entries())
        {
            foreach (var file in FilesAtOrBelow(BytePath.Join(path, name)))
            {
                yield return file;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stored.Dispose();
        _root.Dispose();
        _context?.Dispose();
    }

    private static bool SameXattrs(Fd a, Fd b)
    {
        var (x, y) = (Xattrs.Read(a), Xattrs.Read(b));
        return x.Count == y.Count
            && x.OrderBy(v => v.Name, StringComparer.Ordinal).Zip(y.OrderBy(v => v.Name, StringComparer.Ordinal))
                .All(p => p.First.Name == p.Second.Name && p.First.Value.AsSpan().SequenceEqual(p.Second.Value));
    }
}
