using System.Threading.Channels;
using Agb.Engine.Native;

namespace Agb.Engine.Sessions;

/// <summary>Hands the lines of a command to whoever asked for them. When they take no more, the lines of the last read wait
/// here, and the command's pipes are left alone until there is room.</summary>
internal sealed class CommandLines : IProcessOutput, IDisposable
{
    private readonly string _sessionId;
    private readonly IAgbService _service;
    private readonly ChannelWriter<AgbCommandOutput> _writer;
    private readonly TimeProvider _time;
    private readonly LineSplitter _stdout;
    private readonly LineSplitter _stderr;
    private readonly Queue<AgbCommandOutput> _waiting = [];
    private readonly ProcessDescriptor _room = ProcessDescriptor.Event();
    private readonly Dictionary<AgbOutputStream, long> _numbers = [];

    // Whether the reader has completed the channel: it wants no more.
    private volatile bool _refused;

    /// <summary>Prepares for one command.</summary>
    public CommandLines(string sessionId, IAgbService service, ChannelWriter<AgbCommandOutput> writer, TimeProvider time)
    {
        _sessionId = sessionId;
        _service = service;
        _writer = writer;
        _time = time;
        _stdout = new LineSplitter((text, isPartial) => Hand(AgbOutputStream.Stdout, text, isPartial));
        _stderr = new LineSplitter((text, isPartial) => Hand(AgbOutputStream.Stderr, text, isPartial));
    }

    /// <inheritdoc/>
    public bool IsFull => _waiting.Count > 0;

    /// <inheritdoc/>
    public ProcessDescriptor Room => _room;

    /// <inheritdoc/>
    public void Take(bool isStderr, ReadOnlySpan<byte> bytes)
    {
        var wasFull = IsFull;
        (isStderr ? _stderr : _stdout).Take(bytes);
        if (IsFull && !wasFull)
        {
            WaitForRoom();
        }
    }

    /// <inheritdoc/>
    public void Resume()
    {
        // Resets the event: it counts its signals, and this reads them all.
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        _room.Read(count);
        while (_waiting.TryPeek(out var line) && (_refused || _writer.TryWrite(line)))
        {
            _waiting.Dequeue();
        }
        if (IsFull)
        {
            WaitForRoom();
        }
    }

    /// <summary>The command has ended: hands over what is left, waiting for room.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        _stdout.Complete();
        _stderr.Complete();
        while (!_refused && _waiting.TryPeek(out var line))
        {
            if (_writer.TryWrite(line))
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

    private void Hand(AgbOutputStream stream, string text, bool isPartial)
    {
        var number = _numbers.GetValueOrDefault(stream, 1);
        _numbers[stream] = isPartial ? number : number + 1;
        var line = new AgbCommandOutput
        {
            Service = _service,
            SessionId = _sessionId,
            Stream = stream,
            Number = number,
            Text = text,
            IsPartial = isPartial,
            Time = _time.GetUtcNow(),
        };
        if (!_refused && (IsFull || !_writer.TryWrite(line)))
        {
            _waiting.Enqueue(line);
        }
    }

    private void WaitForRoom() => _ = WaitForRoomAsync();

    private async Task WaitForRoomAsync()
    {
        await RoomAsync(CancellationToken.None).ConfigureAwait(false);
        _room.Signal();
    }

    private async Task RoomAsync(CancellationToken cancellationToken)
    {
        try
        {
            _refused = !await _writer.WaitToWriteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The reader completed the channel with an error, which is its own: it takes no more all the same.
            _refused = true;
        }
    }
}
