using Agb.Protocol;

namespace Agb.Server.Objects;

/// <summary>Reads from another stream, which it does not dispose, and counts the bytes.</summary>
internal sealed class CountedStream(Stream inner) : ForwardStream
{
    /// <summary>The bytes that were read.</summary>
    internal long Count { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count += count;
        return count;
    }
}
