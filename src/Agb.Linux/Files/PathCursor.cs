namespace Agb.Linux;

/// <summary>Walks directories by relative path. The path to the last one stays open, so work in path order opens each directory
/// once.</summary>
/// <param name="root">The root; the caller closes it.</param>
/// <param name="open">Opens a child: parent, name, and its path from the root.</param>
internal class PathCursor<T>(T root, Func<T, string, string, T> open) : IDisposable
    where T : class, IDisposable
{
    private readonly List<(string Name, T Directory)> _way = [];

    /// <summary>Opens a directory; the result belongs to the cursor and is valid until the next call.</summary>
    /// <param name="path">Relative to the root; empty for the root itself.</param>
    internal T At(string path)
    {
        var names = BytePath.Split(path);
        var common = 0;
        while (common < names.Length && common < _way.Count && _way[common].Name == names[common])
        {
            common++;
        }
        Cut(common);
        for (var i = common; i < names.Length; i++)
        {
            var parent = i == 0 ? root : _way[i - 1].Directory;
            _way.Add((names[i], open(parent, names[i], string.Join('/', names, 0, i + 1))));
        }
        return _way.Count == 0 ? root : _way[^1].Directory;
    }

    /// <summary>Forgets a replaced directory and all below it.</summary>
    internal void Forget(string path)
    {
        var names = BytePath.Split(path);
        if (names.Length <= _way.Count && names.Select((n, i) => _way[i].Name == n).All(same => same))
        {
            Cut(names.Length - 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cut(0);
        GC.SuppressFinalize(this);
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
