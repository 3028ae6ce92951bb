namespace Agb.Store;

/// <summary>Log messages of the store: event ids 1000 to 1999, described in docs/events.md.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(1001, LogLevel.Warning, "The removal of expired data from the context {ContextId} failed and will be tried again.")]
    internal static partial void ExpiryFailed(this ILogger log, string contextId, Exception exception);

    [LoggerMessage(1002, LogLevel.Warning, "The clear of the context {ContextId} failed.")]
    internal static partial void ClearFailed(this ILogger log, string contextId, Exception exception);

    [LoggerMessage(1003, LogLevel.Warning, "{Count} removed layers could not be deleted from the catalog yet.")]
    internal static partial void LayerRowsKept(this ILogger log, int count, Exception exception);

    [LoggerMessage(1004, LogLevel.Warning, "The unused layer {LayerId} could not be removed.")]
    internal static partial void LayerKept(this ILogger log, string layerId, Exception exception);

    [LoggerMessage(1005, LogLevel.Warning, "The marker of the layer {LayerId} could not be removed.")]
    internal static partial void MarkerKept(this ILogger log, string layerId, Exception exception);

    [LoggerMessage(1006, LogLevel.Warning, "The maintenance of the context {ContextId} failed and will be tried again.")]
    internal static partial void MaintenanceFailed(this ILogger log, string contextId, Exception exception);
}
