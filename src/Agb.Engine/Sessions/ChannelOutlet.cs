using System.Threading.Channels;

namespace Agb.Engine;

/// <summary>Hands items from the thread that reads a program's pipes to a channel. When the channel takes no more, items wait
/// here, and the pipes are left alone until there is room.</summary>
internal sealed class ChannelOutlet<T>(ChannelWriter<T> writer) : IDisposable
{
    private readonly Queue<T> _waiting = [];
    private readonly ProcessDescriptor _room = ProcessDescriptor.Event();
    private bool _isAwaited;

    // Whether the reader has completed the channel: it wants no more.
    private volatile bool _refused;

    /// <summary>Whether it can take no more for now.</summary>
    internal bool IsFull => _waiting.Count > 0;

    /// <summary>What becomes readable when there may be room again.</summary>
    internal ProcessDescriptor Room => _room;

    /// <summary>Takes an item, also when it is full.</summary>
    internal void Hand(T item)
    {
        if (!_refused && (IsFull || !writer.TryWrite(item)))
        {
            _waiting.Enqueue(item);
        }
    }

    /// <summary>To be called after items were handed over: sees to it that <see cref="Room"/> is signalled when it is full.</summary>
    internal void Settle()
    {
        if (IsFull && !_isAwaited)
        {
            _isAwaited = true;
            _ = WaitForRoomAsync();
        }
    }

    /// <summary>Looks for room after <see cref="Room"/> was readable.</summary>
    internal void Resume()
    {
        // Resets the event: it counts its signals, and this reads them all.
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        _room.Read(count);
        _isAwaited = false;
        while (_waiting.TryPeek(out var item) && (_refused || writer.TryWrite(item)))
        {
            _waiting.Dequeue();
        }
        Settle();
    }

    /// <summary>The program has ended: hands over what is left, waiting for room.</summary>
    internal async Task CompleteAsync(CancellationToken cancellationToken)
    {
        while (!_refused && _waiting.TryPeek(out var item))
        {
            if (writer.TryWrite(item))
            {
                _waiting.Dequeue();
            }
            else
            {
                await RoomAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private async Task WaitForRoomAsync()
    {
        await RoomAsync(CancellationToken.None).ConfigureAwait(false);
        _room.Signal();
    }

    private async Task RoomAsync(CancellationToken cancellationToken)
    {
        try
        {
            _refused = !await writer.WaitToWriteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The reader completed the channel with an error, which is its own: it takes no more all the same.
            _refused = true;
        }
    }
}
