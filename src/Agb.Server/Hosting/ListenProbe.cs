using System.Net.Sockets;

namespace Agb.Server;

/// <summary>Tests addresses before the server listens, for a short error message.</summary>
internal static class ListenProbe
{
    /// <summary>Listens briefly on each address.</summary>
    /// <exception cref="AgbException">AddressNotAvailable.</exception>
    internal static void Require(IEnumerable<ListenAddress> addresses)
    {
        foreach (var address in addresses.Where(a => a.Port > 0))
        {
            try
            {
                // As in Kestrel, recently closed connections do not count (SO_REUSEADDR, set by .NET).
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
            address, $"another program listens on port {address.Port}", "Choose another port with --urls (0 for any free port), or end the other program.", e),
        SocketError.AccessDenied => New(
            address, $"this user may not listen on port {address.Port}", "Choose port 1024 or higher with --urls, or use a proxy for the lower port.", e),
        SocketError.AddressNotAvailable => New(
            address, $"this machine has no address {address.Address}", "Choose an address of this machine with --urls; 'ip address' lists them.", e),
        _ => New(address, e.Message.TrimEnd('.'), "Choose another address with --urls.", e),
    };

    private static AgbException New(ListenAddress address, string why, string remedy, SocketException e) => new(
        AgbErrorIds.AddressNotAvailable, AgbErrorKind.InvalidState, $"The server can't listen on {address}: {why}.", remedy, address.ToString(), e);
}
