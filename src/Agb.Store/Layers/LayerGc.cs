using System.Collections.Concurrent;

namespace Agb.Store;

/// <summary>Garbage collection: drops versions beyond retention, and layers unused by versions and sessions. A layer is
/// condemned in the catalog before its removal, so that a kill in between leaves no reference to it.</summary>
internal sealed class LayerGc(StorePaths paths, CatalogDb catalog, RetentionOptions retention, TimeProvider time, ILogger log)
{
    // Contexts known to have no unused layers. A new version adds uses, never removes one, so a long history is not
    // searched for each.
    private readonly ConcurrentDictionary<string, bool> _settled = new();

    private DateTimeOffset Oldest => time.GetUtcNow() - retention.KeepVersionsFor;

    /// <summary>Notes unused layers of a context: after a compaction, or the end of a session with mounts. Layers given up by
    /// other processes are found at this one's next compaction of the context, or start.</summary>
    internal void Unsettle(string contextId) => _settled.TryRemove(contextId, out _);

    /// <summary>Collects the garbage of one context.</summary>
    internal void Collect(string contextId)
    {
        if (_settled.ContainsKey(contextId) && !catalog.Read(tx => VersionTable.OldestTime(tx, contextId) < Oldest))
        {
            RemoveCondemned();
            return;
        }
        // Before the search: layers given up from here on count for the next one.
        _settled[contextId] = true;
        try
        {
            Condemn(contextId);
        }
        catch
        {
            Unsettle(contextId);
            throw;
        }
        RemoveCondemned();
    }

    private void Condemn(string contextId)
    {
        var isDue = catalog.Read(tx => Unreferenced(tx, contextId, out var expired).Count + expired.Count > 0);
        if (isDue)
        {
            catalog.Write(tx =>
            {
                var unreferenced = Unreferenced(tx, contextId, out var expired);
                foreach (var version in expired)
                {
                    VersionTable.Delete(tx, contextId, version);
                }
                foreach (var layer in unreferenced)
                {
                    VersionTable.Condemn(tx, layer);
                }
            });
            FaultPoint.Reach(FaultPoint.LayersCondemned);
        }
    }

    /// <summary>Condemns all layers of a context, in the transaction of its deletion.</summary>
    internal static void CondemnAll(CatalogTransaction tx, string contextId)
    {
        foreach (var layer in VersionTable.LayerEntries(tx, contextId).Keys)
        {
            VersionTable.Condemn(tx, layer);
        }
    }

    /// <summary>Whether condemned layers wait for removal.</summary>
    internal bool HasCondemned => catalog.Read(VersionTable.Condemned).Count > 0;

    /// <summary>Removes the files of condemned layers. Does nothing while another process removes layers, or reads layers
    /// without a mount: such readers share the lock.</summary>
    internal void RemoveCondemned()
    {
        if (!HasCondemned)
        {
            return;
        }
        using var removing = FileLock.TryAcquire(paths.RemovalLock);
        if (removing is null)
        {
            return;
        }
        List<string> condemned;
        using (var collecting = FileLock.TryAcquire(paths.CollectionLock))
        {
            if (collecting is null)
            {
                return;
            }
            condemned = catalog.Read(VersionTable.Condemned);
        }
        // These layers have no readers from here on: later readers start from a later catalog. So readers need not wait.
        var removed = condemned.FindAll(TryRemove);
        if (removed.Count == 0)
        {
            return;
        }
        try
        {
            // The removal first, durably: a row left by a power cut is found again, files without a row never.
            using (var layers = Fd.OpenDirectory(paths.Layers))
            {
                layers.Sync();
            }
            FaultPoint.Reach(FaultPoint.LayersRemoved);
            new LargeCollector(paths, catalog).Run();
            catalog.WriteLazily(tx => removed.ForEach(layer => VersionTable.DeleteLayer(tx, layer)));
        }
        catch (Exception e) when (e is IOException or AgbException)
        {
            log.LayerRowsKept(removed.Count, e);
        }
    }

    private bool TryRemove(string layer)
    {
        try
        {
            TreeRemover.Remove(paths.Layer(layer));
            return true;
        }
        catch (Exception e) when (e is IOException or AgbException)
        {
            // It stays condemned for another attempt: one failure must not stop the rest, or a start.
            log.LayerKept(layer, e);
            return false;
        }
    }

    private List<string> Unreferenced(CatalogTransaction tx, string contextId, out List<long> expired)
    {
        var oldest = Oldest;
        var versions = VersionTable.Kept(tx, contextId);
        bool IsGone(KeptVersion version, int place) => place >= retention.KeepVersions && version.CreatedAt < oldest;
        expired = [.. versions.Where(IsGone).Select(v => v.Version)];
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var last = "";
        foreach (var stack in versions.Where((v, i) => !IsGone(v, i)).Select(v => v.Stack).Concat(MountTable.StacksOf(tx, contextId)))
        {
            needed.UnionWith(LayerStack.ParseOther(stack, last));
            last = stack;
        }
        return [.. VersionTable.LayerEntries(tx, contextId).Keys.Where(id => !needed.Contains(id))];
    }
}
