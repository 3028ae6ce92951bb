namespace Agb.Store;

/// <summary>Base class for the streams of archives.</summary>
internal abstract class ReadStream : ForwardStream
{
    /// <summary>Whether the last read bytes are a hole.</summary>
    internal virtual bool IsHole => false;
}

/// <summary>Reports the size of each read.</summary>
internal sealed class CountedStream(Stream inner, Action<int> count) : ReadStream
{
    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int length)
    {
        var read = inner.Read(buffer, offset, length);
        count(read);
        return read;
    }
}
