namespace Agb;

/// <summary>Sessions, and the work in them. Part of <see cref="IAgbService"/>.</summary>
public interface IAgbSessions
{
    /// <summary>Lists the images for sessions, by id.</summary>
    /// <returns>The images.</returns>
    /// <exception cref="AgbException">InvalidImage; NotSupported without <see cref="AgbCapabilities.ImageList"/>.</exception>
    Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default);

    /// <summary>Creates a session. Its data is in place on return, unless the request says not to wait.</summary>
    /// <returns>The session.</returns>
    /// <exception cref="AgbException">ImageNotFound, ContextNotFound, InvalidPath, ReservedPath, OverlappingPaths, InvalidPolicy,
    /// PolicyNotSupported, InvalidLabel, InvalidSessionOption, SessionStartFailed, HostNotReady, TooManySessions, NoSpace;
    /// NotSupported for options without <see cref="AgbCapabilities.SessionOptions"/>.</exception>
    Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets a session by its id.</summary>
    /// <returns>The session.</returns>
    /// <exception cref="AgbException">SessionNotFound, also for a released session; SessionExpired after a timeout, as long as the
    /// service remembers it.</exception>
    Task<AgbSession> GetSessionAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Lists the unreleased sessions with all these labels, oldest first.</summary>
    /// <exception cref="AgbException">ConnectionFailed, StoreCorrupt, while the list is read.</exception>
    IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default);

    /// <summary>Lists recently released sessions, oldest first, as far as the service remembers them. Time and reason are in
    /// <see cref="AgbSession.FailureReason"/>.</summary>
    /// <exception cref="AgbException">NotSupported without <see cref="AgbCapabilities.ReleasedSessions"/>.</exception>
    IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Waits until a session is no longer Creating.</summary>
    /// <returns>The session, Running or Failed.</returns>
    /// <exception cref="AgbException">SessionNotFound, SessionExpired, WaitTimeout.</exception>
    Task<AgbSession> WaitSessionAsync(SessionId sessionId, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Releases a session: uploads its changes, ends its processes, removes its files.</summary>
    /// <remarks>Works in every state. If the upload fails the session stays.</remarks>
    /// <param name="sessionId">The session.</param>
    /// <param name="mode">The treatment of the changes.</param>
    /// <param name="cancellationToken">Cancels the upload; later steps, once begun, are finished.</param>
    /// <returns>A task that ends with the release.</returns>
    /// <exception cref="AgbException">SessionNotFound, SyncFailed, TooManyDeletions, NoSpace, ReadOnlyStore.</exception>
    Task RemoveSessionAsync(
        SessionId sessionId, AgbReleaseMode mode = AgbReleaseMode.Policy, CancellationToken cancellationToken = default);

    /// <summary>Replaces all labels of a session.</summary>
    /// <returns>The session with its new labels.</returns>
    /// <exception cref="AgbException">SessionNotFound, InvalidLabel.</exception>
    Task<AgbSession> SetSessionLabelsAsync(
        SessionId sessionId, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default);

    /// <summary>Restarts the idle time of a session.</summary>
    /// <returns>The session.</returns>
    /// <exception cref="AgbException">SessionNotFound, SessionExpired.</exception>
    Task<AgbSession> KeepSessionAliveAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Gets the address of a session's TCP port, as seen from the caller.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="scheme"><c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c>; null for the service's choice.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The absolute address.</returns>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, InvalidSessionOption.</exception>
    Task<Uri> GetSessionLinkAsync(
        SessionId sessionId, int port, string? scheme = null, CancellationToken cancellationToken = default);

    /// <summary>Runs a command in a session and waits for it. Cancellation kills the command with all its processes.</summary>
    /// <returns>The result; an exit code other than 0 is no error of the call.</returns>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired, InvalidCommand, InvalidEnvironment,
    /// WorkingDirectoryNotFound, CommandFailed, HostExhausted; NotSupported for stdin and output as bytes without
    /// <see cref="AgbCapabilities.CommandStreams"/>.</exception>
    Task<AgbCommandResult> RunCommandAsync(
        SessionId sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default);

    /// <summary>Runs code in a session and waits for it. Cancellation ends the code.</summary>
    /// <returns>The result; an error in the code is no error of the call.</returns>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired, InvalidCode,
    /// LanguageNotFound.</exception>
    Task<AgbCodeResult> RunCodeAsync(SessionId sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default);
}
