namespace Agb.Engine;

/// <summary>Passes items from the pipe-reading thread to a channel. If the channel is full, items wait here, and the pipes are
/// not read until there is room.</summary>
internal sealed class ChannelOutput<T>(ChannelWriter<T> writer) : IDisposable
{
    private readonly Queue<T> _waiting = [];
    private readonly ProcessDescriptor _room = ProcessDescriptor.Event();
    private bool _isAwaited;

    // Whether the reader has completed the channel and takes no more items.
    private volatile bool _refused;

    /// <summary>Whether items wait for room in the channel.</summary>
    internal bool IsFull => _waiting.Count > 0;

    /// <summary>Event, readable when there may be room again.</summary>
    internal ProcessDescriptor Room => _room;

    /// <summary>Passes an item on, or queues it.</summary>
    internal void Hand(T item)
    {
        if (!_refused && (IsFull || !writer.TryWrite(item)))
        {
            _waiting.Enqueue(item);
        }
    }

    /// <summary>Arranges for the <see cref="Room"/> signal if items wait; to be called after <see cref="Hand"/>.</summary>
    internal void Settle()
    {
        if (IsFull && !_isAwaited)
        {
            _isAwaited = true;
            _ = WaitForRoomAsync();
        }
    }

    /// <summary>Sends waiting items after a <see cref="Room"/> signal.</summary>
    internal void Resume()
    {
        // Resets the event: one read returns the count of all signals.
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        _room.Read(count);
        _isAwaited = false;
        while (_waiting.TryPeek(out var item) && (_refused || writer.TryWrite(item)))
        {
            _waiting.Dequeue();
        }
        Settle();
    }

    /// <summary>Sends the remaining items after the end of the program, waiting for room.</summary>
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
            // The reader completed the channel with its own error: no more items are taken.
            _refused = true;
        }
    }
}
