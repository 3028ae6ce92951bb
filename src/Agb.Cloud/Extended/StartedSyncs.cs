using System.Collections.Concurrent;
using Agb.Cloud.Http;
using Agb.Protocol;
using Agb.Protocol.Json;

namespace Agb.Cloud.Extended;

/// <summary>Syncs that were started and whose callers may still cancel them: cancelling the token of the call that started one
/// cancels the sync itself.</summary>
internal sealed class StartedSyncs(ApiClient api)
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<CancellationTokenRegistration>> _ofSessions = new(StringComparer.Ordinal);

    /// <summary>Notes a sync.</summary>
    internal void Add(string sessionId, string? syncId, CancellationToken cancellationToken)
    {
        if (syncId is null || !cancellationToken.CanBeCanceled)
        {
            return;
        }
        _ofSessions.GetOrAdd(sessionId, _ => [])
            .Add(cancellationToken.UnsafeRegister(_ => _ = CancelAsync(syncId), null));
    }

    /// <summary>Forgets the syncs of a session: all have ended.</summary>
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
                ApiCall.Post(AgbExtensionRoutes.CancelSync, new CancelSyncBody { SyncId = syncId }, WireJson.Default.CancelSyncBody, Repeat.Always),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (AgbException e)
        {
            // Nobody waits for it any more; the status of the sync says what became of it.
            api.Tell(new AgbWireExchange
            {
                Method = "POST",
                Address = AgbExtensionRoutes.CancelSync,
                RequestId = e.RequestId ?? "",
                Error = e.Message,
            });
        }
    }
}
