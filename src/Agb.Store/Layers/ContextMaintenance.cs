namespace Agb.Store;

/// <summary>Maintenance after a new version: keeps the number of a context's layers low.</summary>
internal sealed class ContextMaintenance(Compactor compactor, LayerGc gc, ILogger log)
{
    /// <summary>Compacts and collects as necessary. The version is already recorded, so a failure here must not fail it; the
    /// next version retries.</summary>
    internal void Maintain(string contextId)
    {
        try
        {
            // Usually one run; more after failed ones.
            while (compactor.CompactIfDeep(contextId, CancellationToken.None))
            {
                gc.Unsettle(contextId);
            }
            gc.Collect(contextId);
            SettleLater(contextId);
        }
        catch (Exception e)
        {
            // The failure may have come after the commit.
            gc.Unsettle(contextId);
            log.MaintenanceFailed(contextId, e);
        }
    }

    /// <summary>Notes the end of a session: its contexts are searched for garbage at their next version.</summary>
    internal void AfterRelease(IEnumerable<string> contextIds)
    {
        foreach (var contextId in contextIds)
        {
            gc.Unsettle(contextId);
            SettleLater(contextId);
        }
    }

    /// <summary>Starts, after a while, the work on the large files of a context.</summary>
    internal Action<string> SettleLater { get; set; } = _ => { };

    /// <summary>Starts the removal of unused layers in the background.</summary>
    internal Action CollectLater { get; set; } = () => { };

    /// <summary>Starts the removal of layers kept until now for a reader.</summary>
    internal void AfterReading()
    {
        if (gc.HasCondemned)
        {
            CollectLater();
        }
    }
}
