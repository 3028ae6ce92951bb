namespace Agb.Protocol;

/// <summary>The content of one file in a <see cref="ChangeStream"/>, up to the part of length 0.</summary>
internal sealed class ChangeContent(Stream input, string path, long? mostBytes) : AsyncForwardStream
{
    private int _left;
    private long _announced;
    private bool _isAtEnd;

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
            _announced += _left;
            if (_announced > mostBytes)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidRequest, $"The file '{path}' has more than {mostBytes} bytes, the limit of one file.",
                    "See the limits at /agb/info.", path);
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

    /// <summary>Skips unread content, up to the next change.</summary>
    internal async Task PassOverAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
        {
        }
    }
}
