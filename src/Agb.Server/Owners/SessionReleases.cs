using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Owners;

/// <summary>Releases of sessions that go on after the call that asked for them was answered.</summary>
internal sealed partial class SessionReleases(IAgbService service, Action<string> forget, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Task<Exception?>> _running = new(StringComparer.Ordinal);

    /// <summary>Whether a session is being released by this server.</summary>
    internal bool IsReleasing(string sessionId) => _running.ContainsKey(sessionId);

    /// <summary>Begins to release a session; one that is being released already is left to that.</summary>
    /// <returns>The release, which ends with what it failed of.</returns>
    internal Task<Exception?> Begin(string sessionId)
    {
        var begin = new TaskCompletionSource();
        var release = ReleaseAsync(sessionId, begin.Task);
        var running = _running.GetOrAdd(sessionId, release);
        if (running == release)
        {
            begin.SetResult();
        }
        else
        {
            begin.SetCanceled();
        }
        return running;
    }

    /// <summary>Waits for all that goes on.</summary>
    internal Task WaitAsync() => Task.WhenAll(_running.Values);

    private async Task<Exception?> ReleaseAsync(string sessionId, Task begin)
    {
        await begin.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (begin.IsCanceled)
        {
            return null;
        }
        try
        {
            // The release outlives the request, and a server that stops waits for it.
            await service.RemoveSessionAsync(sessionId, cancellationToken: CancellationToken.None).ConfigureAwait(false);
            forget(sessionId);
            return null;
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired)
        {
            // Somebody else released it meanwhile.
            forget(sessionId);
            return null;
        }
        catch (Exception e)
        {
            // The session stays, Failed, and its status says so to whoever polls it.
            LogFailed(sessionId, e);
            return e;
        }
        finally
        {
            _running.TryRemove(sessionId, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The session {SessionId} could not be released.")]
    private partial void LogFailed(string sessionId, Exception exception);
}
