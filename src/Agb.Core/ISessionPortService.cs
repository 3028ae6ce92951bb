namespace Agb;

/// <summary>What a service can do beside <see cref="IAgbService"/> when its sessions run where it does: reach a server in a session for
/// somebody else. A service object that does not implement it can't.</summary>
public interface ISessionPortService
{
    /// <summary>Connects to a TCP port of a session: to a program of that session that listens there on 127.0.0.1 or on all addresses, and
    /// to nothing else, whatever else of the host has that port.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="AgbException">ConnectionFailed when no program of the session listens there; SessionNotFound, SessionNotRunning,
    /// SessionExpired, InvalidSessionOption; NotSupported for a session that has a network of its own.</exception>
    Task<Stream> ConnectSessionPortAsync(string sessionId, int port, CancellationToken cancellationToken = default);
}
