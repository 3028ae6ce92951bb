using System.Net.Sockets;

namespace Agb.Server.Hosting;

/// <summary>Finds out whether addresses can be listened on, before the server does, to say in a sentence why not.</summary>
internal static class ListenProbe
{
    /// <summary>Listens for an instant on each address.</summary>
    /// <exception cref="AgbException">AddressNotAvailable.</exception>
    internal static void Require(IEnumerable<ListenAddress> addresses)
    {
        foreach (var address in addresses.Where(a => a.Port > 0))
        {
            try
            {
                // As Kestrel does: what was connected a moment ago does not count (SO_REUSEADDR, which .NET sets by itself).
                using var socket = new Socket(address.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new System.Net.IPEndPoint(address.Address, address.Port));
                socket.Listen();
            }
            catch (SocketException e)
            {
                throw Error(address, e);
            }
        }
    }

    private static AgbException Error(ListenAddress address, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => New(
            address, $"another program listens on port {address.Port}", "Choose another port with --urls (0 takes a free one), or end that program.", e),
        SocketError.AccessDenied => New(
            address, $"this user may not listen on port {address.Port}", "Choose a port from 1024 on with --urls, or a proxy for the lower one.", e),
        SocketError.AddressNotAvailable => New(
            address, $"this machine has no address {address.Address}", "Choose one of its own with --urls; 'ip address' lists them.", e),
        _ => New(address, e.Message.TrimEnd('.'), "Choose another address with --urls.", e),
    };

    private static AgbException New(ListenAddress address, string why, string remedy, SocketException e) => new(
        AgbErrorIds.AddressNotAvailable, AgbErrorKind.InvalidState, $"The server can't listen on {address}: {why}.", remedy, address.ToString(), e);
}
