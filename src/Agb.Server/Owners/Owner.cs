using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>One owner with a separate service, without access to the data of other owners.</summary>
internal sealed class Owner : IDisposable
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _syncs = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _syncOrder = new();

    internal Owner(string id, IAgbService service, SessionMetadata notes, SessionCount count, TimeProvider time, ILogger logger)
    {
        Id = id;
        Service = service;
        Notes = notes;
        Count = count;
        Releases = new SessionReleases(service, Forget, logger);
        Transfers = new FileTransfers(service, notes, time, logger);
    }

    /// <summary>The id.</summary>
    internal string Id { get; }

    /// <summary>The owner's service.</summary>
    internal IAgbService Service { get; }

    /// <summary>The server's own data about sessions.</summary>
    internal SessionMetadata Notes { get; }

    /// <summary>The number of the owner's sessions.</summary>
    internal SessionCount Count { get; }

    /// <summary>Releases in the background.</summary>
    internal SessionReleases Releases { get; }

    /// <summary>Running calls, for cancellation.</summary>
    internal RunningCalls Calls { get; } = new();

    /// <summary>The file transfers of sessions.</summary>
    internal FileTransfers Transfers { get; }

    /// <summary>Removes the server's data about a released session and returns its place.</summary>
    internal void Forget(string sessionId)
    {
        Count.Ended(sessionId);
        Notes.Remove(sessionId);
    }

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

    /// <inheritdoc/>
    public void Dispose() => (Service as IDisposable)?.Dispose();
}
