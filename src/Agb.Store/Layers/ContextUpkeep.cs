using System.Diagnostics;

namespace Agb.Store;

/// <summary>Keeps a context's layers few after a version was made.</summary>
internal sealed class ContextUpkeep(Compactor compactor, Collector collector)
{
    /// <summary>Compacts and collects what is due. The version is recorded by now, so what fails here must not fail it; the
    /// next one tries again.</summary>
    internal void Maintain(string contextId)
    {
        try
        {
            // One run as a rule; more where earlier ones failed.
            while (compactor.CompactIfDeep(contextId, CancellationToken.None))
            {
                collector.Unsettle(contextId);
            }
            collector.Collect(contextId);
        }
        catch (Exception e)
        {
            // What failed may have failed after it was recorded.
            collector.Unsettle(contextId);
            Trace.TraceWarning("Agb: the upkeep of the context {0} failed and will be tried again: {1}", contextId, e);
        }
    }

    /// <summary>A session that mounted contexts is gone: they are looked at when they get their next version.</summary>
    internal void AfterRelease(IEnumerable<string> contextIds)
    {
        foreach (var contextId in contextIds)
        {
            collector.Unsettle(contextId);
        }
    }

    /// <summary>Has layers removed that nobody needs, beside the calls.</summary>
    internal Action CollectLater { get; set; } = () => { };

    /// <summary>Has removed what was given up while somebody read it and so kept it in place.</summary>
    internal void AfterReading()
    {
        if (collector.HasCondemned)
        {
            CollectLater();
        }
    }
}
