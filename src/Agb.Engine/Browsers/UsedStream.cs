using System.Net.Sockets;

namespace Agb.Engine;

/// <summary>A connection into a session that is in use as long as it is open.</summary>
/// <param name="socket">The connected socket, owned by the stream.</param>
/// <param name="use">The use of the session.</param>
internal sealed class UsedStream(Socket socket, IDisposable use) : NetworkStream(socket, ownsSocket: true)
{
    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            use.Dispose();
        }
    }
}
