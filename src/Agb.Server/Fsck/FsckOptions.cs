using Agb.Engine;

namespace Agb.Server;

/// <summary>Options of <c>fsck</c>.</summary>
internal sealed record FsckOptions
{
    /// <summary>Repair problems, if possible without loss of data.</summary>
    internal bool Repair { get; init; }

    /// <summary>Remove layers missing in the catalog.</summary>
    internal bool RemoveOrphans { get; init; }

    /// <summary>Read all content too.</summary>
    internal bool Deep { get; init; }

    /// <summary>A server's data directory.</summary>
    internal string? Data { get; init; }

    /// <summary>An AGB home directory.</summary>
    internal string? Home { get; init; }

    /// <summary>The stores to check.</summary>
    /// <returns>The stores; empty, with the reason, if the directory has none.</returns>
    internal IReadOnlyList<string> Stores(out string? error)
    {
        error = null;
        var home = Home ?? Data ?? EmbeddedService.ResolveHome(new EmbeddedOptions());
        var owners = Path.Combine(home, "owners");
        if (Data is not null && Directory.Exists(owners))
        {
            string[] found = [.. Directory.EnumerateDirectories(owners).Where(AgbStore.Exists).Order(StringComparer.Ordinal)];
            error = found.Length == 0 ? $"'{owners}' contains no store." : null;
            return found;
        }
        if (AgbStore.Exists(home))
        {
            return [Path.GetFullPath(home)];
        }
        error = Data is not null ? $"'{home}' is not a server's data directory: it has no stores below 'owners'." : $"'{home}' contains no store.";
        return [];
    }
}
