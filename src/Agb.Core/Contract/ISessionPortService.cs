namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/> with sessions on its host: reaches servers in a session for other
/// clients. A service without this interface lacks the ability.</summary>
public interface ISessionPortService
{
    /// <summary>Requires that connections to a port of a session can be tried: the session runs, and the port is valid.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired, InvalidSessionOption.</exception>
    Task RequireSessionPortAsync(SessionId sessionId, int port, CancellationToken cancellationToken = default);

    /// <summary>Connects to a TCP port of a session: only to a program of that session, listening on 127.0.0.1 or on all
    /// addresses, never to other owners of the port on the host.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="AgbException">ConnectionFailed when no program of the session listens there; SessionNotFound,
    /// SessionNotRunning, SessionExpired, InvalidSessionOption.</exception>
    Task<Stream> ConnectSessionPortAsync(SessionId sessionId, int port, CancellationToken cancellationToken = default);
}
