namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/>: forks of running sessions. A service without this interface has
/// none.</summary>
public interface ISessionForkService
{
    /// <summary>The maximum number of forks made by one call.</summary>
    public const int MaxForks = 64;

    /// <summary>Makes sessions with the files of a running session at one moment, and with its image, environment, mounts, limits,
    /// labels and time limits. Processes, browsers and links are not copied; the times start anew. The session goes on, after a short
    /// stop.</summary>
    /// <remarks>A fork has its own files: changes of one session are not seen by another. It uploads when a sync asks for it, or a
    /// release with an upload, never by its policy. If one of the forks can't be made, none is left.</remarks>
    /// <param name="sessionId">The session to copy.</param>
    /// <param name="count">The number of forks, 1 to <see cref="MaxForks"/>.</param>
    /// <param name="cancellationToken">Cancels the call; no fork is left then.</param>
    /// <returns>The forks.</returns>
    /// <exception cref="AgbException">InvalidSessionOption, SessionNotFound, SessionNotRunning, SessionExpired, SessionStartFailed,
    /// HostNotReady, TooManySessions, NoSpace; NotSupported.</exception>
    Task<IReadOnlyList<AgbSession>> ForkSessionAsync(SessionId sessionId, int count = 1, CancellationToken cancellationToken = default);
}
