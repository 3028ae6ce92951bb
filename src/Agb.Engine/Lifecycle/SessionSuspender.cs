namespace Agb.Engine;

/// <summary>Suspends sessions, on request and at the end of their idle time. Holds the session's lock, against releases and syncs, and
/// keeps commands out.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="reader">Reads sessions.</param>
/// <param name="activity">The last use of sessions.</param>
/// <param name="sleep">Wakes sessions.</param>
internal sealed class SessionSuspender(EngineParts parts, SessionReader reader, SessionActivity activity, SessionSleep sleep)
{
    // Searches for idle sessions and plans hold the locks for a moment.
    private const int Attempts = 25;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Suspends a running session.</summary>
    /// <exception cref="AgbException">SessionBusy, SessionNotFound, SessionNotRunning.</exception>
    internal async Task<AgbSession> SuspendAsync(string sessionId, CancellationToken cancellationToken)
    {
        for (var left = Attempts; !await TrySuspendAsync(sessionId, isWanted: _ => true, cancellationToken).ConfigureAwait(false); left--)
        {
            if (left == 0)
            {
                throw new AgbException(
                    AgbErrorIds.SessionBusy, AgbErrorKind.InvalidState,
                    $"The session '{sessionId}' is in use: a command, code, a terminal or a sync runs in it.", "Suspend it after their end.", sessionId);
            }
            await Task.Delay(s_pause, parts.Time, cancellationToken).ConfigureAwait(false);
        }
        return reader.ToSession(reader.Require(sessionId));
    }

    /// <summary>Suspends a session, unless it was used since its idle end was seen.</summary>
    internal Task SuspendIdleAsync(string sessionId, CancellationToken cancellationToken) => TrySuspendAsync(
        sessionId,
        row => row.IdleTimeout is { } timeout && parts.Time.GetUtcNow() - activity.LastUse(sessionId) >= timeout,
        cancellationToken);

    /// <summary>Suspends a session.</summary>
    /// <returns>False if it is in use.</returns>
    private async Task<bool> TrySuspendAsync(string sessionId, Func<SessionRow, bool> isWanted, CancellationToken cancellationToken)
    {
        using var sessionLock = SessionLocks.TryAcquire(parts.Paths, parts.Catalog, sessionId);
        var row = reader.Require(sessionId);
        if (row.Status == AgbSessionStatus.Suspended && !reader.IsLost(row))
        {
            return true;
        }
        if (row.Status != AgbSessionStatus.Running || row.Handle() is not { } sandbox || !parts.Driver.IsAlive(sandbox))
        {
            throw SessionErrors.NotRunning(reader.ToSession(row));
        }
        using var held = sessionLock is null ? null : activity.TryHold(sessionId);
        if (held is null)
        {
            return false;
        }
        if (!isWanted(row))
        {
            return true;
        }
        await parts.Driver.SuspendAsync(sandbox, parts.Paths.Session(sessionId), cancellationToken).ConfigureAwait(false);
        FaultPoint.Reach(FaultPoint.SessionFrozen);
        try
        {
            parts.Catalog.WriteLazily(tx => SessionTable.SetSuspended(tx, sessionId));
        }
        catch
        {
            await sleep.WakeAsync(sessionId).ConfigureAwait(false);
            throw;
        }
        return true;
    }
}
