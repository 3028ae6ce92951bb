using System.Net;
using System.Net.Sockets;

namespace Agb.Engine;

/// <summary>Connects to servers in sessions that share the host's network. A port there may be anybody's, so it is looked up whose socket
/// listens: only a process of the session will do.</summary>
internal static class SessionPorts
{
    /// <summary>Connects to a port of a sandbox.</summary>
    /// <exception cref="AgbException">ConnectionFailed.</exception>
    internal static async Task<Stream> ConnectAsync(string sessionId, SandboxHandle sandbox, int port, CancellationToken cancellationToken)
    {
        if (!IsServed(sandbox, port))
        {
            throw NothingListens(sessionId, port, null);
        }
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
                ? AgbErrors.HostExhausted("a connection to the session", e.Message, e)
                : NothingListens(sessionId, port, e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Whether a connection to the port would be taken by a process of the sandbox, and could be by no other.</summary>
    private static bool IsServed(SandboxHandle sandbox, int port)
    {
        var sockets = TcpListeners.TakingLoopback(port);
        if (sockets.Count == 0)
        {
            return false;
        }
        var processes = SandboxProcesses.Of(sandbox.InitPid);
        // Looked at after the listing: what was listed then was this sandbox's.
        return ProcessTable.IsAlive(sandbox.InitPid, sandbox.InitStartTime)
            && sockets.All(s => processes.Any(p => TcpListeners.IsHeldBy(p.Pid, s)));
    }

    // The same words for a port that nobody has and one that somebody else has: whose it is, is nobody's business.
    private static AgbException NothingListens(string sessionId, int port, Exception? inner) => new(
        AgbErrorIds.ConnectionFailed, AgbErrorKind.Failed, $"Nothing in the session listens on port {port}.",
        "Start a server there that listens on 127.0.0.1 or on all addresses.", sessionId, inner);
}
