namespace Agb.Store;

/// <summary>A read-only view of one directory through a stack of layers, equivalent to overlayfs: the topmost entry of a name
/// counts, directories merge, whiteouts and opaque marks hide lower content.</summary>
internal sealed class MergedDirectory : IDisposable
{
    /// <summary>Index of a directory on top of a stack.</summary>
    internal const int OnTop = -1;

    private readonly Fd[] _layers;
    private readonly int[] _ordinals;
    private readonly LargeFiles? _large;
    private readonly Func<Fd, bool> _isOpaque;

    private MergedDirectory(Fd[] layers, int[] ordinals, LargeFiles? large, Func<Fd, bool>? isOpaque = null)
    {
        _layers = layers;
        _ordinals = ordinals;
        _large = large;
        _isOpaque = isOpaque ?? Xattrs.IsOpaque;
    }

    /// <summary>Whether any layer has the directory.</summary>
    internal bool Exists => _layers.Length > 0;

    /// <summary>An empty directory.</summary>
    internal static MergedDirectory Empty() => new([], [], null);

    /// <summary>Opens a path through a stack of layers.</summary>
    /// <param name="layerTrees">The layers' tree directories on the host, topmost first.</param>
    /// <param name="rawPath">The path in the context, raw; empty or <c>/</c> for the root.</param>
    /// <param name="large">The store's large files; null for trees without.</param>
    /// <param name="only">Indexes of the layers to open, in order; null for all.</param>
    internal static MergedDirectory Open(IEnumerable<string> layerTrees, string rawPath, LargeFiles? large = null, int[]? only = null)
    {
        var trees = layerTrees.ToArray();
        var ordinals = only ?? [.. Enumerable.Range(0, trees.Length)];
        var names = BytePath.Split(rawPath);
        if (names.Length == 0)
        {
            // Marks of a layer's root are ignored: lower content always shows.
            return Stack(ordinals, OpenRoot, hides: null, large);
        }
        var current = Stack(ordinals, (int i, out int errno) => Fd.TryOpenInTree(trees[ordinals[i]], names[0], out errno), Xattrs.IsOpaque, large);
        foreach (var name in names[1..])
        {
            using var parent = current;
            current = parent.OpenChild(name);
        }
        return current;

        Fd OpenRoot(int i, out int errno)
        {
            errno = 0;
            return Fd.OpenTree(trees[ordinals[i]]);
        }
    }

    /// <summary>A view of open trees; marks of their roots are ignored.</summary>
    /// <param name="trees">The trees, topmost first; the caller closes them.</param>
    /// <param name="isOpaque">Whether a directory in them hides lower content.</param>
    internal static MergedDirectory OfTrees(Fd[] trees, Func<Fd, bool> isOpaque) => new(trees, [.. Enumerable.Range(0, trees.Length)], null, isOpaque);

    /// <summary>Puts a directory on top of another view.</summary>
    /// <param name="top">The directory; owned by the result.</param>
    /// <param name="below">The view below it; owned by the result.</param>
    internal static MergedDirectory Over(Fd top, MergedDirectory below)
    {
        if (!Xattrs.IsOpaque(top))
        {
            return new MergedDirectory([top, .. below._layers], [OnTop, .. below._ordinals], below._large);
        }
        below.Dispose();
        return new MergedDirectory([top], [OnTop], below._large);
    }

    /// <summary>The entry of a name; null if missing or deleted.</summary>
    internal FileStat? Lookup(string name)
    {
        foreach (var layer in _layers)
        {
            if (layer.TryStatAt(name) is { } stat)
            {
                return stat.Kind == EntryKind.Whiteout ? null : stat;
            }
        }
        return null;
    }

    /// <summary>The entry at a path below this directory, or null.</summary>
    internal FileStat? LookupPath(string path)
    {
        var slash = path.IndexOf('/');
        if (slash < 0)
        {
            return Lookup(path);
        }
        using var child = OpenChild(path[..slash]);
        return child.LookupPath(path[(slash + 1)..]);
    }

    /// <summary>The directory of a name; empty if missing.</summary>
    internal MergedDirectory OpenChild(string name) =>
        Stack(_ordinals, (int i, out int errno) => _layers[i].TryOpenDirectoryAt(name, out errno), _isOpaque, _large);

    /// <summary>The directory at a path below this one; empty if missing.</summary>
    internal MergedDirectory OpenPath(string path)
    {
        var current = OpenChild(".");
        foreach (var name in BytePath.Split(path))
        {
            using var parent = current;
            current = parent.OpenChild(name);
        }
        return current;
    }

    /// <summary>All entries, in byte order.</summary>
    internal IReadOnlyList<(string Name, FileStat Stat)> Entries()
    {
        var entries = new List<(string, FileStat)>();
        foreach (var entry in new MergedListing().Of(this))
        {
            if (_layers[entry.Holder].TryStatAt(entry.Name) is { Kind: not EntryKind.Whiteout } stat)
            {
                entries.Add((entry.Name, stat));
            }
        }
        return entries;
    }

    /// <summary>Index of an entry's layer among <see cref="Layers"/>.</summary>
    internal int HolderIndexOf(string name) => Array.FindIndex(_layers, l => l.TryStatAt(name) is not null);

    /// <summary>Index of an entry's layer in the original stack of this view, 0 for the topmost.</summary>
    internal int OrdinalOf(string name) => _ordinals[HolderIndexOf(name)];

    /// <summary>Index in the original stack of this view for each of <see cref="Layers"/>.</summary>
    internal IReadOnlyList<int> Ordinals => _ordinals;

    /// <summary>The directories of the layers, topmost first.</summary>
    internal IReadOnlyList<Fd> Layers => _layers;

    /// <summary>Attributes of the directory itself, from the topmost layer.</summary>
    internal FileStat Stat() => _layers[0].Stat();

    /// <summary>The directories of the layers on the host, raw, topmost first.</summary>
    internal IReadOnlyList<string> Paths => [.. _layers.Select(l => l.Path)];

    /// <summary>The topmost layer's own directory, for access by descriptor (extended attributes).</summary>
    internal Fd Topmost => _layers[0];

    /// <summary>The open directory of the topmost layer with the entry.</summary>
    internal Fd HolderOf(string name) => _layers[HolderIndexOf(name)];

    /// <summary>Opens a file for reading its content, wherever that lies.</summary>
    internal Fd OpenRead(string name)
    {
        var holder = HolderOf(name);
        return _large is null ? holder.OpenReadAt(name) : _large.OpenRead(holder, name);
    }

    /// <summary>Opens a large file as a stream; null for all other files.</summary>
    internal Stream? TryOpenLarge(string name) => _large?.TryOpenStream(HolderOf(name), name);

    /// <summary>The content's id of a large file of a stored layer; null for all other files.</summary>
    internal string? LargeIdOf(string name) => _large?.IdOf(HolderOf(name), name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }
    }

    private delegate Fd? OpenLayer(int place, out int errno);

    /// <summary>Opens a directory in layer after layer, until one hides the lower ones.</summary>
    private static MergedDirectory Stack(int[] ordinals, OpenLayer open, Func<Fd, bool>? hides, LargeFiles? large)
    {
        var (found, places) = (new List<Fd>(ordinals.Length), new List<int>(ordinals.Length));
        try
        {
            for (var i = 0; i < ordinals.Length; i++)
            {
                if (open(i, out var errno) is not { } directory)
                {
                    if (errno == Errno.ENOENT)
                    {
                        continue;
                    }
                    // A file, a symlink or a whiteout hides lower content.
                    break;
                }
                found.Add(directory);
                places.Add(ordinals[i]);
                if (hides?.Invoke(directory) == true)
                {
                    break;
                }
            }
            return new MergedDirectory([.. found], [.. places], large, hides);
        }
        catch
        {
            found.ForEach(f => f.Dispose());
            throw;
        }
    }
}
