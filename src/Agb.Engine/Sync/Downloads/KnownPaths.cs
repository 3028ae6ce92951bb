namespace Agb.Engine;

/// <summary>Where session and context agreed on something else than what the session was given, by directory.</summary>
internal sealed class KnownPaths
{
    private readonly Dictionary<string, SortedSet<string>> _names = new(StringComparer.Ordinal);
    private readonly Manifest _known;

    internal KnownPaths(Manifest known)
    {
        _known = known;
        foreach (var entry in known.Entries.Where(e => e.Path.Length > 0))
        {
            // The directories above an entry need not be entries themselves.
            for (var path = entry.Path; path.Length > 0 && Add(path); path = Raw.DirectoryOf(path))
            {
            }
        }
    }

    /// <summary>The names in a directory that lead to what was agreed on.</summary>
    internal IEnumerable<string> In(string directory) => _names.TryGetValue(directory, out var names) ? names : [];

    /// <summary>Whether nothing that was given below a path counts any more: the session had put something in its place.</summary>
    internal bool Hides(string path) =>
        _known.Find(path) is { } entry && (entry.Opaque || entry.Stat.Kind != EntryKind.Directory);

    /// <summary>Whether something was agreed on at a path.</summary>
    internal bool Has(string path) => _known.Find(path) is not null;

    private bool Add(string path)
    {
        var directory = Raw.DirectoryOf(path);
        if (!_names.TryGetValue(directory, out var names))
        {
            _names[directory] = names = new(StringComparer.Ordinal);
        }
        return names.Add(Raw.NameOf(path));
    }
}
