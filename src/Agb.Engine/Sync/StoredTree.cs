using Agb.Engine.Native;
using Agb.Engine.Store;

namespace Agb.Engine.Sync;

/// <summary>What was stored when a session started, compared with the session's tree entry by entry.</summary>
internal sealed class StoredTree : IStoredTree, IDisposable
{
    private readonly MergedDirectory _root;
    private readonly DirectoryCursor _upper;
    private readonly List<(string Name, MergedDirectory Directory)> _way = [];

    /// <summary>Creates the view.</summary>
    /// <param name="root">The stored tree at the mount's origin; owned by this view.</param>
    /// <param name="upper">The upper directory's root, open.</param>
    /// <param name="isFirstManifest">See <see cref="IStoredTree.IsFirstManifest"/>.</param>
    internal StoredTree(MergedDirectory root, Fd upper, bool isFirstManifest)
    {
        _root = root;
        IsFirstManifest = isFirstManifest;
        _upper = new DirectoryCursor(upper);
    }

    /// <inheritdoc/>
    public bool IsFirstManifest { get; }

    /// <inheritdoc/>
    public FileStat? Lookup(string path) =>
        path.Length == 0
            ? _root.Exists ? _root.Stat() : null
            : At(Raw.DirectoryOf(path)).Lookup(Raw.NameOf(path));

    /// <inheritdoc/>
    public bool IsIdentical(ScannedEntry entry, FileStat stored)
    {
        if (entry.Stat.Permissions != stored.Permissions)
        {
            return false;
        }
        var name = Raw.NameOf(entry.Path);
        if (entry.Stat.Kind == EntryKind.Directory)
        {
            return SameXattrs(_upper.At(entry.Path), At(entry.Path).Topmost);
        }
        if (entry.Stat.Size != stored.Size || entry.Stat.MtimeNs != stored.MtimeNs)
        {
            return false;
        }
        var upper = _upper.At(Raw.DirectoryOf(entry.Path));
        var holder = At(Raw.DirectoryOf(entry.Path)).HolderOf(name);
        if (entry.Stat.Kind == EntryKind.Symlink)
        {
            return upper.ReadLinkAt(name) == holder.ReadLinkAt(name);
        }
        if (entry.Stat.Kind == EntryKind.Fifo)
        {
            return true;
        }
        using var mine = upper.OpenReadAt(name);
        using var theirs = holder.OpenReadAt(name);
        return SameXattrs(mine, theirs) && FileComparer.SameContent(mine, theirs);
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
        foreach (var (name, _) in At(path).Entries())
        {
            foreach (var file in FilesAtOrBelow(Raw.Join(path, name)))
            {
                yield return file;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cut(0);
        _root.Dispose();
        _upper.Dispose();
    }

    private static bool SameXattrs(Fd a, Fd b)
    {
        var (x, y) = (Xattrs.Read(a), Xattrs.Read(b));
        return x.Count == y.Count
            && x.OrderBy(v => v.Name, StringComparer.Ordinal).Zip(y.OrderBy(v => v.Name, StringComparer.Ordinal))
                .All(p => p.First.Name == p.Second.Name && p.First.Value.AsSpan().SequenceEqual(p.Second.Value));
    }

    private MergedDirectory At(string path)
    {
        var names = Raw.Split(path);
        var common = 0;
        while (common < names.Length && common < _way.Count && _way[common].Name == names[common])
        {
            common++;
        }
        Cut(common);
        for (var i = common; i < names.Length; i++)
        {
            var parent = i == 0 ? _root : _way[i - 1].Directory;
            _way.Add((names[i], parent.OpenChild(names[i])));
        }
        return _way.Count == 0 ? _root : _way[^1].Directory;
    }

    private void Cut(int length)
    {
        for (var i = _way.Count - 1; i >= length; i--)
        {
            _way[i].Directory.Dispose();
            _way.RemoveAt(i);
        }
    }
}
