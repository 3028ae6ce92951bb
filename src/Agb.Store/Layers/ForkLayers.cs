namespace Agb.Store;

/// <summary>Removes fork layers without a session.</summary>
internal sealed class ForkLayers(StorePaths paths, CatalogDb catalog, ILogger log)
{
    /// <summary>Removes unused layers. Does nothing while forks are made: their layers have no session yet.</summary>
    internal void Collect()
    {
        if (!Directory.Exists(paths.Forks) || !Directory.EnumerateFileSystemEntries(paths.Forks).Any())
        {
            return;
        }
        using var alone = FileLock.TryAcquire(paths.ForksLock);
        if (alone is null)
        {
            return;
        }
        foreach (var id in Unused(paths, catalog))
        {
            try
            {
                TreeRemover.Remove(paths.Fork(id));
            }
            catch (Exception e) when (e is IOException or AgbException)
            {
                log.LayerKept(id, e);
            }
        }
    }

    /// <summary>The directories of a part's fork layers, topmost first.</summary>
    internal static IEnumerable<string> Trees(StorePaths paths, string layers, string part) =>
        LayerStack.Parse(layers).Select(id => Path.Combine(paths.Fork(id), part));

    /// <summary>The layers on disk without a session.</summary>
    internal static IReadOnlyList<string> Unused(StorePaths paths, CatalogDb catalog)
    {
        if (!Directory.Exists(paths.Forks))
        {
            return [];
        }
        var found = Directory.EnumerateFileSystemEntries(paths.Forks).Select(d => Path.GetFileName(d)!).ToArray();
        var used = catalog.Read(ForkTable.All).SelectMany(r => LayerStack.Parse(r.Layers)).ToHashSet(StringComparer.Ordinal);
        var noted = Noted(paths).Select(n => n.ForkId).ToHashSet(StringComparer.Ordinal);
        return [.. found.Where(id => !used.Contains(id) && !noted.Contains(id))];
    }

    /// <summary>Layers with trees of a session on their way into them.</summary>
    internal static IEnumerable<(string ForkId, string SessionId)> Noted(StorePaths paths) => !Directory.Exists(paths.Forks) ? []
        : Directory.EnumerateDirectories(paths.Forks).Select(d => (ForkId: Path.GetFileName(d), SessionId: new FileInfo(paths.ForkNote(Path.GetFileName(d))).LinkTarget))
            .Where(n => n.SessionId is not null).Select(n => (n.ForkId, n.SessionId!));
}
