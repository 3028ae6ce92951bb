namespace Agb;

/// <summary>The operations of every service: the embedded engine, the AGB cloud, an AGB-compatible server.</summary>
/// <remarks>Failures are <see cref="AgbException"/>, cancellation is <see cref="OperationCanceledException"/>. All methods are
/// thread-safe.</remarks>
public partial interface IAgbService
{
    /// <summary>The service's name in messages: <c>embedded</c>, or the endpoint.</summary>
    string Name { get; }

    /// <summary>Creates a context.</summary>
    /// <param name="name">An unused name: not empty, at most 255 characters, no control characters.</param>
    /// <param name="getExisting">Return the context of that name, if there is one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<AgbContext> CreateContextAsync(string name, bool getExisting = false, CancellationToken cancellationToken = default);

    /// <summary>Finds a context by id, else by name.</summary>
    Task<AgbContext> GetContextAsync(string idOrName, CancellationToken cancellationToken = default);

    /// <summary>All contexts, by name.</summary>
    IAsyncEnumerable<AgbContext> ListContextsAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes a context with all its versions. Refused with ContextInUse while a session mounts it.</summary>
    Task RemoveContextAsync(string contextId, CancellationToken cancellationToken = default);

    /// <summary>Lists the paths of a context with data, uploaded or written without a session; sorted, at most 100. Paths below
    /// another mountable path are left out.</summary>
    Task<IReadOnlyList<string>> GetContextPathsAsync(string contextId, CancellationToken cancellationToken = default);

    /// <summary>Lists the retained versions of a context, newest first.</summary>
    IAsyncEnumerable<AgbContextVersion> ListContextVersionsAsync(string contextId, CancellationToken cancellationToken = default);

    /// <summary>Lists the images for sessions, by id.</summary>
    Task<IReadOnlyList<AgbImage>> ListImagesAsync(CancellationToken cancellationToken = default);

    /// <summary>Creates a session. Its data is in place on return, unless the request says not to wait.</summary>
    Task<AgbSession> CreateSessionAsync(AgbSessionRequest request, CancellationToken cancellationToken = default);

    /// <summary>Finds a session by id. A released session is SessionNotFound, or SessionExpired after a timeout, as long as the
    /// service remembers it.</summary>
    Task<AgbSession> GetSessionAsync(string sessionId, CancellationToken cancellationToken = default);

    /// <summary>Lists the unreleased sessions with all these labels, oldest first.</summary>
    IAsyncEnumerable<AgbSession> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default);

    /// <summary>Lists recently released sessions, oldest first, as far as the service remembers them. Time and reason are in
    /// <see cref="AgbSession.FailureReason"/>.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    IAsyncEnumerable<AgbSession> ListReleasedSessionsAsync(CancellationToken cancellationToken = default) =>
        throw AgbErrors.NotSupported(Name, "listing released sessions");

    /// <summary>Waits until a session is no longer Creating.</summary>
    /// <returns>The session, Running or Failed.</returns>
    Task<AgbSession> WaitSessionAsync(string sessionId, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Releases a session: uploads by its policies, ends its processes, removes its files.</summary>
    /// <remarks>Works in every state. If the upload fails the session stays, unless <paramref name="discardChanges"/>.</remarks>
    /// <param name="sessionId">The session.</param>
    /// <param name="syncContext">Upload every mount, regardless of its auto-upload.</param>
    /// <param name="discardChanges">Upload nothing.</param>
    /// <param name="cancellationToken">Cancels the upload; later steps, once begun, are finished.</param>
    Task RemoveSessionAsync(
        string sessionId, bool syncContext = false, bool discardChanges = false, CancellationToken cancellationToken = default);

    /// <summary>Runs a command in a session and waits for it. Cancellation kills the command with all its processes.</summary>
    Task<AgbCommandResult> RunCommandAsync(
        string sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default);

    /// <summary>Starts a sync and returns its registered tasks. Cancelling the token cancels the tasks too, until they are
    /// recorded.</summary>
    Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        string sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets the current task of each (context, path, direction) of a session, also of a released session.</summary>
    Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        string sessionId, string? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default);

    /// <summary>Waits until no task of a session is Pending or Running.</summary>
    /// <returns>The tasks; a failed task is not an error of the wait.</returns>
    Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        string sessionId, TimeSpan timeout, string? contextId = null, string? path = null,
        CancellationToken cancellationToken = default);
}
