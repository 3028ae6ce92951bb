namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/>: contexts that come and go in a running session. A look-up of a path sees
/// the old tree or the new one; open files keep the old tree, and later writes to them are not stored.</summary>
public interface ISessionMountService
{
    /// <summary>Mounts a context; missing directories on the way to its path are made.</summary>
    /// <exception cref="AgbException">MountFailed, OverlappingPaths, ReservedPath, InvalidPath, InvalidPolicy, InvalidSessionOption, AmbiguousPath,
    /// ContextNotFound, VersionNotFound, FileNotFound, SessionNotFound, SessionNotRunning, SessionExpired, HostNotReady.</exception>
    Task<AgbMount> MountContextAsync(SessionId sessionId, AgbMountRequest request, CancellationToken cancellationToken = default);

    /// <summary>Takes a context out of a session, after the upload of its changes.</summary>
    /// <returns>The mount as it was.</returns>
    /// <exception cref="AgbException">MountFailed, MountInUse, UnsavedChanges, SyncFailed, SyncTargetNotFound, SessionNotFound,
    /// SessionNotRunning, SessionExpired, HostNotReady.</exception>
    Task<AgbMount> DismountContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default);

    /// <summary>Shows another version of a mounted context, after the upload of its changes.</summary>
    /// <exception cref="AgbException">As for a dismount, and VersionNotFound.</exception>
    Task<AgbMount> SwitchContextAsync(SessionId sessionId, AgbMountChange request, CancellationToken cancellationToken = default);

    /// <summary>The contexts of a session, by path.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionExpired.</exception>
    Task<IReadOnlyList<AgbMount>> ListMountsAsync(SessionId sessionId, CancellationToken cancellationToken = default);
}
