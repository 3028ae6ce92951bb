namespace Agb.Store;

/// <summary>Checks a store with a sound catalog. The caller protects layers from garbage collection.</summary>
/// <param name="paths">The store.</param>
/// <param name="catalog">Its catalog.</param>
/// <param name="options">The extent of the check.</param>
/// <param name="found">Gets the findings.</param>
/// <param name="checkSession">Checks the values of a session that mean nothing to the store; throws as the catalog does.</param>
/// <param name="cancellationToken">Cancels the check.</param>
internal sealed class StoreCheck(
    StorePaths paths, CatalogDb catalog, AgbStoreCheckOptions options, Findings found, Action<SessionRow> checkSession, CancellationToken cancellationToken)
{
    internal void Run()
    {
        // Listed before the catalog is read: layers placed later are not in the list, and rows added later still have a marker
        // now.
        var onDisk = LeftoverCheck.LayersOnDisk(paths);
        if (TryRead() is not { } snapshot)
        {
            return;
        }
        (found.Contexts, found.Versions) = (snapshot.Contexts.Count, snapshot.Versions.Count);
        CheckHeads(snapshot);
        var unknown = snapshot.NamedLayers.Where(id => !snapshot.Layers.ContainsKey(id)).ToArray();
        foreach (var id in unknown)
        {
            found.Add(snapshot.Of(
                id, AgbStoreProblemKind.LayerUnknown, null, "a layer of the catalog", $"none; its directory {(onDisk.Contains(id) ? "exists" : "does not exist")}"));
        }
        var layers = new LayerCheck(paths, catalog, options, snapshot, found, cancellationToken);
        var named = snapshot.NamedLayers.ToHashSet(StringComparer.Ordinal);
        foreach (var layer in snapshot.Layers.Values.Where(l => !l.IsCondemned))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (snapshot.Contexts.ContainsKey(layer.ContextId))
            {
                layers.Check(layer);
            }
            else if (named.Contains(layer.Id))
            {
                found.Add(snapshot.Of(
                    layer.Id, AgbStoreProblemKind.CatalogReference, "catalog.db", "a layer of an existing context", $"one of the context '{layer.ContextId}', missing from the catalog, and in use"));
                layers.Check(layer);
            }
            else
            {
                found.Add(snapshot.Of(layer.Id, AgbStoreProblemKind.LayerOwnerless, null, "a context", "no context, and no version with this layer"));
            }
        }
        new LeftoverCheck(paths, catalog, snapshot, found).Run(onDisk.Where(id => !unknown.Contains(id)));
        new SessionCheck(paths, catalog, snapshot, found).Run();
    }

    private CatalogSnapshot? TryRead()
    {
        try
        {
            var snapshot = CatalogSnapshot.Read(catalog);
            foreach (var session in snapshot.Sessions.Values)
            {
                checkSession(session);
            }
            return snapshot;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException
            or AgbException { InnerException: System.Text.Json.JsonException })
        {
            found.Add(Findings.Of(AgbStoreProblemKind.CatalogDamaged, "catalog.db", "valid values", (e.InnerException ?? e).Message));
            return null;
        }
    }

    private void CheckHeads(CatalogSnapshot snapshot)
    {
        foreach (var context in snapshot.Contexts.Values)
        {
            var newest = snapshot.Versions.Where(v => v.ContextId == context.Id).Select(v => v.Version).DefaultIfEmpty(0).Max();
            if (context.Head != newest)
            {
                found.Add(Findings.Of(AgbStoreProblemKind.HeadWrong, null, $"the newest version, {newest}, as the context's head", $"{context.Head}") with { Context = context.Name });
            }
        }
    }
}
