namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/>: sessions without running processes. A service without this interface has
/// none.</summary>
/// <remarks>Every use of a suspended session resumes it: commands, code, terminals, files, links, syncs.</remarks>
public interface ISessionSleepService
{
    /// <summary>Suspends a session: none of its processes runs until the next use. A suspended session stays as it is. Connections to its
    /// ports and browser stay open without an answer.</summary>
    /// <returns>The session, Suspended.</returns>
    /// <exception cref="AgbException">SessionBusy while a command, code, a terminal or a sync runs; SessionNotFound, SessionNotRunning,
    /// SessionExpired; NotSupported without <see cref="AgbCapabilities.SessionSleep"/>.</exception>
    Task<AgbSession> SuspendSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Resumes a session, and restarts its idle time. A running session goes on.</summary>
    /// <returns>The session, Running.</returns>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired; NotSupported without
    /// <see cref="AgbCapabilities.SessionSleep"/>.</exception>
    Task<AgbSession> ResumeSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default);
}
