using System.Diagnostics;
using Agb.Engine.Catalog;
using Agb.Engine.Native;

namespace Agb.Engine.Store;

/// <summary>Drops versions that need not be kept, and layers that no kept version and no session needs. A layer is
/// condemned in the catalog first and removed after, so that a kill in between leaves nothing that is still named.</summary>
internal sealed class Collector(StorePaths paths, CatalogDb catalog, EmbeddedOptions options)
{
    /// <summary>Collects what belongs to one context.</summary>
    internal void Collect(string contextId)
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
        RemoveCondemned();
    }

    /// <summary>Condemns all layers of a context that is being deleted; part of that transaction.</summary>
    internal static void CondemnAll(CatalogTransaction tx, string contextId)
    {
        foreach (var layer in VersionTable.LayerEntries(tx, contextId).Keys)
        {
            VersionTable.Condemn(tx, layer);
        }
    }

    /// <summary>Removes the files of condemned layers. Does nothing when another process is at it, or reads layers that no
    /// mount of its own keeps: such readers share the lock.</summary>
    internal void RemoveCondemned()
    {
        if (catalog.Read(VersionTable.Condemned).Count == 0)
        {
            return;
        }
        using var collecting = FileLock.TryAcquire(paths.CollectionLock);
        if (collecting is null)
        {
            return;
        }
        foreach (var layer in catalog.Read(VersionTable.Condemned))
        {
            try
            {
                TreeRemover.Remove(paths.Layer(layer));
                catalog.WriteLazily(tx => VersionTable.DeleteLayer(tx, layer));
            }
            catch (Exception e) when (e is IOException or AgbException)
            {
                // It stays condemned, and is tried again: what can't be removed must not stop the rest, or a start.
                Trace.TraceWarning("Agb: the layer {0}, which nobody needs, could not be removed: {1}", layer, e);
            }
        }
    }

    private List<string> Unreferenced(CatalogTransaction tx, string contextId, out List<long> expired)
    {
        var oldest = options.TimeProvider.GetUtcNow() - options.KeepVersionsFor;
        var versions = VersionTable.OfContext(tx, contextId);
        var gone = versions.Where((v, i) => i >= options.KeepVersions && v.CreatedAt < oldest).ToHashSet();
        expired = [.. gone.Select(v => v.Version)];
        var needed = versions.Where(v => !gone.Contains(v)).Select(v => v.Stack)
            .Concat(MountTable.StacksOf(tx, contextId))
            .SelectMany(LayerStack.Parse)
            .ToHashSet(StringComparer.Ordinal);
        return [.. VersionTable.LayerEntries(tx, contextId).Keys.Where(id => !needed.Contains(id))];
    }
}
