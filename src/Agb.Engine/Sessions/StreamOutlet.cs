using System.Buffers;
using System.Threading.Channels;

namespace Agb.Engine;

/// <summary>Hands the bytes of a command's stdout to a stream. While the stream takes none, a few pieces wait here, and then the command
/// waits.</summary>
internal sealed class StreamOutlet : IProcessOutput, IDisposable
{
    private const int WaitingPieces = 16;

    private readonly Channel<ArraySegment<byte>> _pieces = Channel.CreateBounded<ArraySegment<byte>>(
        new BoundedChannelOptions(WaitingPieces) { SingleReader = true, SingleWriter = true });

    private readonly ChannelOutlet<ArraySegment<byte>> _outlet;
    private readonly CancellationTokenSource _over;
    private readonly Task _writing;

    /// <summary>Begins to write.</summary>
    /// <param name="target">Takes the bytes.</param>
    /// <param name="cancellationToken">Ends a write that waits.</param>
    public StreamOutlet(Stream target, CancellationToken cancellationToken)
    {
        _outlet = new ChannelOutlet<ArraySegment<byte>>(_pieces.Writer);
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _writing = WriteAsync(target);
    }

    /// <summary>Cancelled when the stream fails, or the caller cancels: nothing takes the bytes any more.</summary>
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

    /// <summary>The command has ended: returns when the stream has all, and throws what it threw.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _outlet.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _pieces.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    /// <summary>The command was ended: returns when nothing writes to the stream any more, and throws what it threw.</summary>
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
            // That is what was asked for.
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
            // The command must not go on as if all of this were taken.
            _pieces.Writer.TryComplete(e);
            await _over.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
