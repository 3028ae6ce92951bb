using System.Threading.Channels;

namespace Agb.Cloud;

/// <summary>Writes into the channels of requests.</summary>
internal static class ChannelWriting
{
    /// <summary>Writes an item, waiting for room. A channel completed by its reader takes none, and the work goes on.</summary>
    internal static async ValueTask OfferAsync<T>(this ChannelWriter<T> channel, T item, CancellationToken cancellationToken)
    {
        while (await channel.WaitToWriteAsync(cancellationToken).ConfigureAwait(false))
        {
            if (channel.TryWrite(item))
            {
                return;
            }
        }
    }
}
