using System.Buffers;

namespace Agb.Engine;

/// <summary>Sends the stdout bytes of a command to a stream. If the stream blocks, a few pieces wait here, and then the command
/// waits.</summary>
internal sealed class StreamOutput : IProcessOutput, IDisposable
{
    private const int WaitingPieces = 16;

    private readonly Channel<ArraySegment<byte>> _pieces = Channel.CreateBounded<ArraySegment<byte>>(
        new BoundedChannelOptions(WaitingPieces) { SingleReader = true, SingleWriter = true });

    private readonly ChannelOutput<ArraySegment<byte>> _outlet;
    private readonly CancellationTokenSource _over;
    private readonly Task _writing;

    /// <summary>Starts writing.</summary>
    /// <param name="target">The target stream.</param>
    /// <param name="cancellationToken">Cancels a waiting write.</param>
    public StreamOutput(Stream target, CancellationToken cancellationToken)
    {
        _outlet = new ChannelOutput<ArraySegment<byte>>(_pieces.Writer);
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _writing = WriteAsync(target);
    }

    /// <summary>Cancelled if the stream fails or the caller cancels; no bytes are taken after that.</summary>
    public CancellationToken Over => _over.Token;

    /// <inheritdoc/>
    public bool IsFull => _outlet.IsFull;

    /// <inheritdoc/>
    public ProcessDescriptor Room => _outlet.Room;

    /// <inheritdoc/>
    public void Take(bool isStderr, ReadOnlySpan<byte> bytes)
    {
        if (!isStderr)
        {
            var piece = ArrayPool<byte>.Shared.Rent(bytes.Length);
            bytes.CopyTo(piece);
            _outlet.Hand(new ArraySegment<byte>(piece, 0, bytes.Length));
            _outlet.Settle();
        }
    }

    /// <inheritdoc/>
    public void Resume() => _outlet.Resume();

    /// <summary>Waits after the end of the command until the stream has all bytes; rethrows its error.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _outlet.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _pieces.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    /// <summary>Waits after an aborted command for the last write to the stream; rethrows its error.</summary>
    public async Task AbandonAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        _pieces.Writer.TryComplete();
        try
        {
            await _writing.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The expected result of the cancellation.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _outlet.Dispose();
        _over.Dispose();
    }

    private async Task WriteAsync(Stream target)
    {
        try
        {
            await foreach (var piece in _pieces.Reader.ReadAllAsync(_over.Token).ConfigureAwait(false))
            {
                await target.WriteAsync(piece, _over.Token).ConfigureAwait(false);
                ArrayPool<byte>.Shared.Return(piece.Array!);
            }
            await target.FlushAsync(_over.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The command must not continue as if all of this were taken.
            _pieces.Writer.TryComplete(e);
            await _over.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
