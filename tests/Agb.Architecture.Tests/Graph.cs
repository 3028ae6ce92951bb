namespace Agb.Architecture.Tests;

/// <summary>A directed graph of names.</summary>
public sealed class Graph
{
    private readonly Dictionary<string, SortedSet<string>> _edges = [];

    /// <summary>Makes a graph of edges; an edge from a name to itself is left out.</summary>
    public Graph(IEnumerable<(string From, string To)> edges)
    {
        foreach (var (from, to) in edges.Where(e => e.From != e.To))
        {
            (_edges.TryGetValue(from, out var ends) ? ends : _edges[from] = new(StringComparer.Ordinal)).Add(to);
        }
    }

    /// <summary>Sets of names that reach each other (strongly connected components of two names or more).</summary>
    public IReadOnlyList<SortedSet<string>> Circles()
    {
        // Names that a name reaches and that reach it; the graphs here have dozens of names.
        var reached = _edges.Keys.ToDictionary(n => n, Reach);
        var circles = new List<SortedSet<string>>();
        foreach (var name in _edges.Keys.Order(StringComparer.Ordinal))
        {
            if (reached[name].Contains(name) && !circles.Any(c => c.Contains(name)))
            {
                circles.Add(new(reached[name].Where(n => reached.TryGetValue(n, out var back) && back.Contains(name)), StringComparer.Ordinal));
            }
        }
        return circles;
    }

    private HashSet<string> Reach(string name)
    {
        var found = new HashSet<string>();
        var open = new Stack<string>([name]);
        while (open.TryPop(out var next))
        {
            foreach (var end in _edges.GetValueOrDefault(next, []))
            {
                if (found.Add(end))
                {
                    open.Push(end);
                }
            }
        }
        return found;
    }
}
