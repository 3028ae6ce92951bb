namespace Agb.Engine.Store.Tests;

/// <summary>A file tree as a plain dictionary, which the store is compared with.</summary>
internal sealed class TreeModel
{
    // The stamp tells a file that was written anew from one that was not touched, also when both have the same content.
    private sealed record Node(bool IsDirectory, bool IsSymlink, string Text, uint Mode, long Stamp);

    private static long s_lastStamp;

    private readonly SortedDictionary<string, Node> _nodes;

    internal TreeModel()
        : this([])
    {
    }

    private TreeModel(SortedDictionary<string, Node> nodes) =>
        _nodes = new SortedDictionary<string, Node>(nodes, StringComparer.Ordinal);

    internal TreeModel Clone() => new(_nodes);

    internal bool Exists(string path) => _nodes.ContainsKey(path);

    internal bool IsDirectory(string path) => _nodes.TryGetValue(path, out var node) && node.IsDirectory;

    internal bool IsSymlink(string path) => _nodes.TryGetValue(path, out var node) && node.IsSymlink;

    internal bool IsFile(string path) => _nodes.TryGetValue(path, out var node) && !node.IsDirectory && !node.IsSymlink;

    internal string Text(string path) => _nodes[path].Text;

    internal void WriteFile(string path, string text) =>
        _nodes[path] = new Node(false, false, text, IsFile(path) ? _nodes[path].Mode : 0x1A4, Interlocked.Increment(ref s_lastStamp));

    internal void WriteSymlink(string path, string target) => _nodes[path] = new Node(false, true, target, 0, Interlocked.Increment(ref s_lastStamp));

    internal void SetMode(string path, uint mode) => _nodes[path] = _nodes[path] with { Mode = mode, Stamp = Interlocked.Increment(ref s_lastStamp) };

    /// <summary>What <c>mkdir -p</c> of the parent does.</summary>
    /// <returns>Whether the parent is a directory now.</returns>
    internal bool MakeParents(string path)
    {
        var names = path.Split('/')[..^1];
        for (var i = 1; i <= names.Length; i++)
        {
            var parent = string.Join('/', names[..i]);
            if (!_nodes.TryGetValue(parent, out var node))
            {
                _nodes[parent] = new Node(true, false, "", 0x1ED, Interlocked.Increment(ref s_lastStamp));
            }
            else if (!node.IsDirectory)
            {
                return false;
            }
        }
        return true;
    }

    internal void Remove(string path)
    {
        foreach (var below in AtOrBelow(path))
        {
            _nodes.Remove(below);
        }
    }

    internal void Move(string from, string to)
    {
        foreach (var path in AtOrBelow(from))
        {
            _nodes[to + path[from.Length..]] = _nodes[path];
            _nodes.Remove(path);
        }
    }

    /// <summary>What another session's tree becomes when this one's upload, made from <paramref name="seen"/>, comes on
    /// top of it: what this session put wins, what it knew and deleted is gone, all else stays.</summary>
    internal TreeModel UploadOnto(TreeModel head, TreeModel seen)
    {
        var result = head.Clone();
        foreach (var path in seen._nodes.Keys.Reverse().Where(p => !_nodes.ContainsKey(p)))
        {
            // A directory goes only when nothing that others added is left in it.
            if (!result.IsDirectory(path) || result.AtOrBelow(path).Count == 1)
            {
                result._nodes.Remove(path);
            }
        }
        foreach (var (path, node) in _nodes)
        {
            if (!seen._nodes.TryGetValue(path, out var before) || before != node)
            {
                result.MakeParents(path);
                result._nodes[path] = node;
            }
        }
        return result;
    }

    /// <summary>The model in the form of a snapshot, below an absolute path.</summary>
    internal SortedDictionary<string, string> ToSnapshot(string origin)
    {
        var snapshot = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (_nodes.Count == 0)
        {
            return snapshot;
        }
        foreach (var (path, node) in _nodes)
        {
            snapshot[$"{origin}/{BytePath.FromText(path)}"] = node.IsDirectory ? ContextSnapshot.Directory(node.Mode)
                : node.IsSymlink ? ContextSnapshot.Symlink(node.Text)
                : ContextSnapshot.File(node.Text, node.Mode);
        }
        return snapshot;
    }

    private List<string> AtOrBelow(string path) =>
        [.. _nodes.Keys.Where(p => p == path || p.StartsWith(path + "/", StringComparison.Ordinal))];
}
