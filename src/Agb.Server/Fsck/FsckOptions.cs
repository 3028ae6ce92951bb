using Agb.Engine;

namespace Agb.Server;

/// <summary>Options of <c>fsck</c>.</summary>
/// <param name="Repair">Repair problems, if possible without loss of data.</param>
/// <param name="RemoveOrphans">Remove layers missing in the catalog.</param>
/// <param name="Deep">Read all content too.</param>
/// <param name="Data">A server's data directory.</param>
/// <param name="Home">An AGB home directory.</param>
internal sealed record FsckOptions(bool Repair = false, bool RemoveOrphans = false, bool Deep = false, string? Data = null, string? Home = null)
{
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
