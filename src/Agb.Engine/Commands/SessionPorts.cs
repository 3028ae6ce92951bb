using System.Net;
using System.Net.Sockets;

namespace Agb.Engine;

/// <summary>Connects to servers in sessions on the host's network. Any process of the host may use a port there, so the owner of
/// the listening socket is checked: it must be a process of the session.</summary>
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
            throw Exhaustion.Is(e)
                ? AgbErrors.HostExhausted("a connection to the session", e.Message, e)
                : NothingListens(sessionId, port, e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Whether only processes of the sandbox can accept a connection to the port.</summary>
    private static bool IsServed(SandboxHandle sandbox, int port)
    {
        var sockets = TcpListeners.TakingLoopback(port);
        if (sockets.Count == 0)
        {
            return false;
        }
        var processes = SandboxProcesses.Of(sandbox.InitPid);
        // Checked after the listing, so the listed processes were this sandbox's.
        return ProcessTable.IsAlive(sandbox.InitPid, sandbox.InitStartTime)
            && sockets.All(s => processes.Any(p => TcpListeners.IsHeldBy(p.Pid, s)));
    }

    // Same text for a free port and a port of another process: do not reveal the port's owner.
    internal static AgbException NothingListens(string sessionId, int port, Exception? inner) => new(
        AgbErrorIds.ConnectionFailed, AgbErrorKind.Failed, $"Nothing in the session listens on port {port}.",
        "Start a server there that listens on 127.0.0.1 or on all addresses.", sessionId, inner);
}
