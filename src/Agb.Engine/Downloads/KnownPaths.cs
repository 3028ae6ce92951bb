namespace Agb.Engine;

/// <summary>Paths of entries agreed on after the session got its tree, by directory.</summary>
internal sealed class KnownPaths
{
    private readonly Dictionary<string, SortedSet<string>> _names = new(StringComparer.Ordinal);
    private readonly Manifest _known;

    internal KnownPaths(Manifest known)
    {
        _known = known;
        foreach (var entry in known.Entries.Where(e => e.Path.Length > 0))
        {
            // The parents of an entry need not be entries themselves.
            for (var path = entry.Path; path.Length > 0 && Add(path); path = BytePath.DirectoryOf(path))
            {
            }
        }
    }

    /// <summary>The names in a directory on the way to agreed entries.</summary>
    internal IEnumerable<string> In(string directory) => _names.TryGetValue(directory, out var names) ? names : [];

    /// <summary>Whether an agreed entry replaces the given entries below a path.</summary>
    internal bool Hides(string path) =>
        _known.Find(path) is { } entry && (entry.Opaque || entry.Stat.Kind != EntryKind.Directory);

    /// <summary>Whether there is an agreed entry at a path.</summary>
    internal bool Has(string path) => _known.Find(path) is not null;

    private bool Add(string path)
    {
        var directory = BytePath.DirectoryOf(path);
        if (!_names.TryGetValue(directory, out var names))
        {
            _names[directory] = names = new(StringComparer.Ordinal);
        }
        return names.Add(BytePath.NameOf(path));
    }
}
