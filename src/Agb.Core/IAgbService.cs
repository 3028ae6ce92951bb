namespace Agb;

/// <summary>What every service can do: the embedded engine, the AGB cloud, an AGB-compatible server. All methods
/// throw <see cref="AgbException"/> for what is wrong, and <see cref="OperationCanceledException"/> when cancelled.
/// All are safe to call from several threads.</summary>
public partial interface IAgbService
{
    /// <summary>What the service is, for messages: <c>embedded</c>, or the endpoint.</summary>
    string Name { get; }

    /// <summary>Creates a context.</summary>
    /// <param name="name">A name that is not taken: not empty, at most 255 characters, no control characters.</param>
    /// <param name="getExisting">Return the context of that name if there is one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default);

    /// <summary>Finds a context by id, else by name.</summary>
    Task<AgbContext> GetContextAsync(string idOrName, CancellationToken cancellationToken = default);

    /// <summary>All contexts, by name.</summary>
    IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes a context with all its versions. Refused with ContextInUse while a session mounts it.</summary>
    Task RemoveContextAsync(string contextId, CancellationToken cancellationToken = default);

    /// <summary>The paths that a context was uploaded under, or that files were put into without a session, and that have data,
    /// sorted; at most 100. What lies below another of them is left out, unless that one can't be mounted.</summary>
    Task<IReadOnlyList<string>> GetContextPathsAsync(string contextId, CancellationToken cancellationToken = default);

    /// <summary>The versions that are kept of a context, newest first.</summary>
    IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(string contextId, CancellationToken cancellationToken = default);

    /// <summary>The images that sessions can be started from, by id.</summary>
    Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default);

    /// <summary>Creates a session. Its data is in place when the call returns, unless the request says not to wait.</summary>
    Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default);

    /// <summary>Finds a session by id. A released one is SessionNotFound, or SessionExpired where its time was over, as long as the service
    /// remembers it.</summary>
    Task<AgbSession> GetSessionAsync(string sessionId, CancellationToken cancellationToken = default);

    /// <summary>All sessions that are not released and have all these labels, oldest first.</summary>
    IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default);

    /// <summary>The sessions that were released of late, oldest first, as far as the service remembers them; <see cref="AgbSession.FailureReason"/>
    /// says when and why each ended.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) =>
        throw AgbErrors.NotSupported(Name, "listing released sessions");

    /// <summary>Waits until a session is no longer Creating.</summary>
    /// <returns>The session, Running or Failed.</returns>
    Task<AgbSession> WaitSessionAsync(string sessionId, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Releases a session: uploads what its policies say, ends its processes, removes its files. Works from
    /// every state; when the upload fails the session stays, unless <paramref name="discardChanges"/>.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="syncContext">Upload every mount, whatever its auto-upload says.</param>
    /// <param name="discardChanges">Upload nothing.</param>
    /// <param name="cancellationToken">Cancels the upload; what was begun after it is finished.</param>
    Task RemoveSessionAsync(
        string sessionId, bool syncContext = false, bool discardChanges = false, CancellationToken cancellationToken = default);

    /// <summary>Runs a command in a session and waits for it. Cancelling kills the command and all that it started.</summary>
    Task<AgbCommandResult> RunCommandAsync(
        string sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default);

    /// <summary>Starts a sync and returns its tasks, which are registered by then. Cancelling the token cancels them too, as
    /// long as they are not recorded.</summary>
    Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default);

    /// <summary>The current task of each (context, path, direction) of a session. Works for a released session too.</summary>
    Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        string sessionId, string? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default);

    /// <summary>Waits until no task of a session is Pending or Running.</summary>
    /// <returns>The tasks; a failed one is not an error of the wait.</returns>
    Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        string sessionId, TimeSpan timeout, string? contextId = null, string? path = null,
        CancellationToken cancellationToken = default);
}
