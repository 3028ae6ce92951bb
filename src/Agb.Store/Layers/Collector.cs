using System.Collections.Concurrent;
using System.Diagnostics;

namespace Agb.Store;

/// <summary>Drops versions that need not be kept, and layers that no kept version and no session needs. A layer is
/// condemned in the catalog first and removed after, so that a kill in between leaves nothing that is still named.</summary>
internal sealed class Collector(StorePaths paths, CatalogDb catalog, RetentionOptions retention, TimeProvider time)
{
    // Contexts of which this process knows that every layer is needed. A new version needs more layers, never fewer, so a long
    // history is not looked through for each.
    private readonly ConcurrentDictionary<string, bool> _settled = new();

    private DateTimeOffset Oldest => time.GetUtcNow() - retention.KeepVersionsFor;

    /// <summary>Something gave layers of a context up: a compaction, or a session that mounted it and is gone. What other processes
    /// give up is found when this one compacts the context, or starts.</summary>
    internal void Unsettle(string contextId) => _settled.TryRemove(contextId, out _);

    /// <summary>Collects what belongs to one context.</summary>
    internal void Collect(string contextId)
    {
        if (_settled.ContainsKey(contextId) && !catalog.Read(tx => VersionTable.OldestTime(tx, contextId) < Oldest))
        {
            RemoveCondemned();
            return;
        }
        // Before it is looked at: what is given up from here on counts for the next time.
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

    /// <summary>Condemns all layers of a context that is being deleted; part of that transaction.</summary>
    internal static void CondemnAll(CatalogTransaction tx, string contextId)
    {
        foreach (var layer in VersionTable.LayerEntries(tx, contextId).Keys)
        {
            VersionTable.Condemn(tx, layer);
        }
    }

    /// <summary>Whether layers wait to be removed.</summary>
    internal bool HasCondemned => catalog.Read(VersionTable.Condemned).Count > 0;

    /// <summary>Removes the files of condemned layers. Does nothing when another process is at it, or reads layers that no
    /// mount of its own keeps: such readers share the lock.</summary>
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
        // Nobody reads from here on what was condemned by then: whoever does so later reads the catalog later. So readers need not wait.
        var removed = condemned.FindAll(TryRemove);
        if (removed.Count == 0)
        {
            return;
        }
        try
        {
            // The removal first, durably: a row that a power cut leaves is found again, files that come back without one never were.
            using (var layers = Fd.OpenDirectory(paths.Layers))
            {
                layers.Sync();
            }
            FaultPoint.Reach(FaultPoint.LayersRemoved);
            catalog.WriteLazily(tx => removed.ForEach(layer => VersionTable.DeleteLayer(tx, layer)));
        }
        catch (Exception e) when (e is IOException or AgbException)
        {
            Trace.TraceWarning("Agb: the catalog keeps {0} layers whose files are gone, until that can be recorded: {1}", removed.Count, e);
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
            // It stays condemned, and is tried again: what can't be removed must not stop the rest, or a start.
            Trace.TraceWarning("Agb: the layer {0}, which nobody needs, could not be removed: {1}", layer, e);
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
