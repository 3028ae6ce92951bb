namespace Agb.Engine;

/// <summary>Removes leftovers, but only in a store without losses: otherwise they may be the lost data.</summary>
internal sealed class StoreRepair(StorePaths paths, Findings found)
{
    private static readonly AgbStoreProblemKind[] s_leftovers =
    [
        AgbStoreProblemKind.StagingLeftover, AgbStoreProblemKind.SessionLeftover, AgbStoreProblemKind.LayerOrphaned, AgbStoreProblemKind.LayerOwnerless,
    ];

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        if (found.HasLosses || !found.Problems.Any(p => s_leftovers.Contains(p.Kind)))
        {
            return;
        }
        cancellationToken.ThrowIfCancellationRequested();
        using (var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = paths.Home }))
        {
            // The engine's recovery: layers of dead processes, directories of forgotten sessions.
            await service.RecoverAsync().ConfigureAwait(false);
            RemoveUnmarked();
            RemoveOwnerless(service.Parts);
        }
        foreach (var orphan in found.Problems.Where(p => p.Kind == AgbStoreProblemKind.LayerOrphaned && !HasSums(p.LayerId!)))
        {
            TreeRemover.Remove(paths.Layer(orphan.LayerId!));
        }
        using var catalog = CatalogDb.Open(paths.Catalog);
        var again = new Findings();
        await AgbStore.RunAsync(new StoreCheck(paths, catalog, new AgbStoreCheckOptions(), again, SessionHandles.Check, cancellationToken), paths, cancellationToken).ConfigureAwait(false);
        found.Repaired(p => s_leftovers.Contains(p.Kind)
            && !again.Problems.Any(a => a.Kind == p.Kind && a.LayerId == p.LayerId && a.SessionId == p.SessionId));
    }

    /// <summary>Whether a layer was completed. A complete layer without a marker was also recorded: then the catalog is older
    /// than the layers, for example restored from a backup, and the layer may be the only copy of an upload.</summary>
    private bool HasSums(string layerId)
    {
        try
        {
            return LayerSums.Load(paths.Layer(layerId)) is not null;
        }
        catch (Exception e) when (e is InvalidDataException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            // Unreadable sums may exist.
            return true;
        }
    }

    private void RemoveUnmarked()
    {
        foreach (var problem in found.Problems.Where(p => p is { Kind: AgbStoreProblemKind.StagingLeftover, LayerId: not null }))
        {
            if (new FileInfo(paths.Marker(problem.LayerId!)).LinkTarget is null)
            {
                TreeRemover.Remove(paths.Staged(problem.LayerId!));
            }
        }
    }

    private void RemoveOwnerless(EngineParts parts)
    {
        var layers = found.Problems.Where(p => p.Kind == AgbStoreProblemKind.LayerOwnerless).Select(p => p.LayerId!).ToArray();
        if (layers.Length > 0)
        {
            parts.Catalog.Write(tx => Array.ForEach(VersionTable.Ownerless(tx, layers), id => VersionTable.Condemn(tx, id)));
            parts.LayerGc.RemoveCondemned();
        }
    }
}
