using System.Collections.Concurrent;

namespace Agb.Cloud;

/// <summary>Started syncs with a cancellable caller: cancelling the token of the starting call cancels the sync itself.</summary>
internal sealed class StartedSyncs(ApiClient api)
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<CancellationTokenRegistration>> _ofSessions = new(StringComparer.Ordinal);

    /// <summary>Adds a sync.</summary>
    internal void Add(string sessionId, string? syncId, CancellationToken cancellationToken)
    {
        if (syncId is null || !cancellationToken.CanBeCanceled)
        {
            return;
        }
        _ofSessions.GetOrAdd(sessionId, _ => [])
            .Add(cancellationToken.UnsafeRegister(_ => _ = CancelAsync(syncId), null));
    }

    /// <summary>Forgets the syncs of a session after their end.</summary>
    internal void Forget(string sessionId)
    {
        if (_ofSessions.TryRemove(sessionId, out var registrations))
        {
            foreach (var registration in registrations)
            {
                registration.Unregister();
            }
        }
    }

    private async Task CancelAsync(string syncId)
    {
        try
        {
            await api.CallAsync(
                ApiCall.Post(AgbServerRoutes.CancelSync, new CancelSyncBody { SyncId = syncId }, WireJson.Default.CancelSyncBody, Repeat.Always),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (AgbException e)
        {
            // No caller waits any more; the sync's status shows its outcome.
            api.Report(new AgbWireExchange
            {
                Method = "POST",
                Address = AgbServerRoutes.CancelSync,
                RequestId = e.RequestId ?? "",
                Error = e.Message,
            });
        }
    }
}
