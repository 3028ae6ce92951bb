namespace Agb.Server;

/// <summary>Reads another stream and counts the bytes. The other stream is not disposed.</summary>
internal sealed class CountedStream(Stream inner) : AsyncForwardStream
{
    /// <summary>The number of bytes read.</summary>
    internal long Count { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count += count;
        return count;
    }
}
