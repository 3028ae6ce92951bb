using System.Net.Sockets;

namespace Agb.Engine;

/// <summary>A connection into a session that is in use as long as it is open.</summary>
/// <param name="socket">The connected socket, owned by the stream.</param>
/// <param name="use">The use of the session.</param>
internal sealed class UsedStream(Socket socket, IDisposable use) : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>Opens a connection under a use of the session.</summary>
    /// <param name="use">The use. It ends with the stream, or with a failure.</param>
    /// <param name="open">Opens the connection: a <see cref="NetworkStream"/>.</param>
    internal static async Task<Stream> OpenAsync(IDisposable use, Func<Task<Stream>> open)
    {
        try
        {
            return new UsedStream(((NetworkStream)await open().ConfigureAwait(false)).Socket, use);
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

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
