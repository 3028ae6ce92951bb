namespace Agb.Protocol;

/// <summary>The content of one file in a <see cref="ChangeStream"/>: it ends at the part of length 0.</summary>
internal sealed class ChangeContent(Stream input) : Stream
{
    private int _left;
    private bool _isAtEnd;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isAtEnd || buffer.Length == 0)
        {
            return 0;
        }
        if (_left == 0)
        {
            _left = await ChangeStream.ReadLengthAsync(input, cancellationToken).ConfigureAwait(false);
            if (_left == 0)
            {
                _isAtEnd = true;
                return 0;
            }
        }
        var count = await input.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken).ConfigureAwait(false);
        if (count == 0)
        {
            throw ChangeStream.Invalid("no end: it was cut off");
        }
        _left -= count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // The bytes come from a network; a caller that has no asynchronous form waits for them here.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Reads what nobody read, so that the next change can be.</summary>
    internal async Task PassOverAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
        {
        }
    }
}
