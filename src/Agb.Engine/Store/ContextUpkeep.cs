using System.Diagnostics;

namespace Agb.Engine.Store;

/// <summary>Keeps a context's layers few after a version was made.</summary>
internal sealed class ContextUpkeep(Compactor compactor, Collector collector)
{
    /// <summary>Compacts and collects what is due. The version is recorded by now, so what fails here must not fail it; the
    /// next one tries again.</summary>
    internal void Maintain(string contextId)
    {
        try
        {
            compactor.CompactIfDeep(contextId, CancellationToken.None);
            collector.Collect(contextId);
        }
        catch (Exception e) when (e is AgbException or IOException or UnauthorizedAccessException)
        {
            Trace.TraceWarning("Agb: the upkeep of the context {0} failed and will be tried again: {1}", contextId, e);
        }
    }
}
