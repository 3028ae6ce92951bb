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

    /// <summary>Connects to the DevTools of a session's running browser. The session is in use until the stream is disposed.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The connection, owned by the caller.</returns>
    /// <exception cref="AgbException">ConnectionFailed, BrowserNotRunning, SessionNotFound, SessionNotRunning, SessionExpired;
    /// NotSupported for an image without a browser.</exception>
    Task<AgbBrowserConnection> ConnectBrowserAsync(SessionId sessionId, CancellationToken cancellationToken = default);
}

/// <summary>A connection to the DevTools of a browser, for one HTTP request.</summary>
/// <param name="Stream">The connection.</param>
/// <param name="Host">The host name for the request: DevTools refuses other names.</param>
/// <param name="Path">The path of the browser's WebSocket, other at each start.</param>
public sealed record AgbBrowserConnection(Stream Stream, string Host, string Path);
