namespace Agb.Linux;

/// <summary>The ids of a user namespace (user_namespaces(7)); for any other id the kernel returns EINVAL.</summary>
internal sealed class IdMap
{
    private readonly (uint First, uint Count)[] _ranges;

    private IdMap((uint First, uint Count)[] ranges) => _ranges = ranges;

    /// <summary>The highest id.</summary>
    public uint Highest => _ranges.Select(r => r.First + (r.Count - 1)).DefaultIfEmpty(0u).Max();

    /// <summary>The map of this process.</summary>
    /// <param name="name">uid_map or gid_map.</param>
    public static IdMap Own(string name) => Parse(File.ReadAllText("/proc/self/" + name));

    /// <summary>Parses a map of one range per line: the first id inside, the first id outside, the length.</summary>
    public static IdMap Parse(string text) => new(
    [
        .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(p => (uint.Parse(p[0], CultureInfo.InvariantCulture), uint.Parse(p[2], CultureInfo.InvariantCulture))),
    ]);

    /// <summary>Whether the namespace has an id.</summary>
    public bool Has(uint id) => _ranges.Any(r => id >= r.First && id - r.First < r.Count);
}
