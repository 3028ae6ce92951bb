using System.Collections.Concurrent;
using Agb.Engine;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>One owner with a separate service, without access to the data of other owners.</summary>
internal sealed class Owner(string id, IAgbService service, SessionMetadata notes, SessionCount count, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _syncs = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _syncOrder = new();

    /// <summary>The id.</summary>
    internal string Id => id;

    /// <summary>The owner's service.</summary>
    internal IAgbService Service => service;

    /// <summary>The server's own data about sessions.</summary>
    internal SessionMetadata Notes => notes;

    /// <summary>The number of the owner's sessions.</summary>
    internal SessionCount Count => count;

    /// <summary>The number of sandboxes that stand ready.</summary>
    internal int Prepared => (service as EmbeddedService)?.PreparedCount ?? 0;

    /// <summary>Ends the sandboxes that stand ready: their places are needed.</summary>
    internal void EndPrepared() => (service as EmbeddedService)?.EndPreparedAsync();

    /// <summary>Releases in the background.</summary>
    internal SessionReleases Releases { get; } = new(service, session => Forget(count, notes, session), logger);

    /// <summary>Running calls, for cancellation.</summary>
    internal RunningCalls Calls { get; } = new();

    /// <summary>The file transfers of sessions.</summary>
    internal FileTransfers Transfers { get; } = new(service, notes, time, logger);

    /// <summary>Removes the server's data about a released session and returns its place.</summary>
    internal void Forget(string sessionId) => Forget(count, notes, sessionId);

    /// <summary>Finds a session that is neither released nor being released by this server.</summary>
    /// <exception cref="AgbException">SessionNotFound.</exception>
    internal async Task<AgbSession> RequireSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        RequireNotReleasing(sessionId);
        return await Service.GetSessionAsync(new SessionId(sessionId), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses a session after a client's request to release it: for clients it no longer exists.</summary>
    /// <exception cref="AgbException">SessionNotFound.</exception>
    internal void RequireNotReleasing(string sessionId)
    {
        if (Releases.IsReleasing(sessionId))
        {
            throw AgbErrors.SessionNotFound(sessionId);
        }
    }

    /// <summary>Gives a started sync an id, for its cancellation. The last thousand are kept.</summary>
    internal string Remember(CancellationTokenSource sync)
    {
        var id = Guid.NewGuid().ToString("n");
        _syncs[id] = sync;
        _syncOrder.Enqueue(id);
        while (_syncOrder.Count > 1000 && _syncOrder.TryDequeue(out var old))
        {
            _syncs.TryRemove(old, out _);
        }
        return id;
    }

    /// <summary>Cancels a sync, if known.</summary>
    internal void CancelSync(string syncId)
    {
        if (_syncs.TryRemove(syncId, out var sync))
        {
            sync.Cancel();
        }
    }

    private static void Forget(SessionCount count, SessionMetadata notes, string sessionId)
    {
        count.Ended(sessionId);
        notes.Remove(sessionId);
    }

    /// <inheritdoc/>
    public void Dispose() => (Service as IDisposable)?.Dispose();
}
