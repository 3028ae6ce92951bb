using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>Session releases that continue after their calls are answered.</summary>
internal sealed partial class SessionReleases(IAgbService service, Action<string> forget, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Task<Exception?>> _running = new(StringComparer.Ordinal);

    /// <summary>Whether this server is releasing a session.</summary>
    internal bool IsReleasing(string sessionId) => _running.ContainsKey(sessionId);

    /// <summary>Starts the release of a session, or returns the running release.</summary>
    /// <returns>The release; its result is the error, or null.</returns>
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

    /// <summary>Waits for all running releases.</summary>
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
            // The release outlives the request, and the stop of the server waits for it.
            await service.RemoveSessionAsync(new SessionId(sessionId), cancellationToken: CancellationToken.None).ConfigureAwait(false);
            forget(sessionId);
            return null;
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired)
        {
            // Released meanwhile by another program.
            forget(sessionId);
            return null;
        }
        catch (Exception e)
        {
            // The session stays with the status Failed, visible to polling clients.
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
