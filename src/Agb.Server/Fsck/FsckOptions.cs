using Agb.Engine;

namespace Agb.Server.Fsck;

/// <summary>What <c>fsck</c> checks, and how.</summary>
internal sealed record FsckOptions
{
    /// <summary>Put right what can be put right without loss.</summary>
    internal bool Repair { get; init; }

    /// <summary>Give up layers that the catalog does not have.</summary>
    internal bool RemoveOrphans { get; init; }

    /// <summary>Read all content too.</summary>
    internal bool Deep { get; init; }

    /// <summary>A server's data directory.</summary>
    internal string? Data { get; init; }

    /// <summary>An AGB home directory.</summary>
    internal string? Home { get; init; }

    /// <summary>The stores to check.</summary>
    /// <returns>None, with the reason, when the directory holds none.</returns>
    internal IReadOnlyList<string> Stores(out string? error)
    {
        error = null;
        var home = Home ?? Data ?? EmbeddedService.ResolveHome(new EmbeddedOptions());
        var owners = Path.Combine(home, "owners");
        if (Data is not null && Directory.Exists(owners))
        {
            string[] found = [.. Directory.EnumerateDirectories(owners).Where(AgbStore.Exists).Order(StringComparer.Ordinal)];
            error = found.Length == 0 ? $"'{owners}' holds no store." : null;
            return found;
        }
        if (AgbStore.Exists(home))
        {
            return [Path.GetFullPath(home)];
        }
        error = Data is not null ? $"'{home}' is no data directory of a server: it has no stores below 'owners'." : $"'{home}' holds no store.";
        return [];
    }
}
