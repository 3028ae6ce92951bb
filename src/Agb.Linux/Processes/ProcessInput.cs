namespace Agb.Linux;

/// <summary>Feeds a stream to a program's stdin while it runs.</summary>
/// <remarks>The pipe never blocks: a program ending without a read, or descendants holding its stdin, would otherwise keep the
/// feeding thread for ever.</remarks>
internal sealed class ProcessInput : IDisposable
{
    private const int BufferBytes = 128 * 1024;

    private readonly Stream _source;
    private readonly Action _failed;
    private readonly ProcessDescriptor _writeEnd;
    private readonly ProcessDescriptor _stop = ProcessDescriptor.Event();
    private readonly CancellationTokenSource _stopReading = new();
    private Task _feeding = Task.CompletedTask;
    private Exception? _failure;

    /// <summary>Makes the pipe.</summary>
    /// <param name="source">The stream to feed.</param>
    /// <param name="failed">Called from another thread if the source can't be read.</param>
    /// <param name="owner">The owner of the pipe; null for this process's user.</param>
    public ProcessInput(Stream source, Action failed, (uint User, uint Group)? owner = null)
    {
        _source = source;
        _failed = failed;
        (ReadEnd, _writeEnd) = ProcessDescriptor.Pipe();
        _writeEnd.NeverBlock();
        if (owner is { } given)
        {
            ReadEnd.GiveTo(given);
        }
    }

    /// <summary>The child's end.</summary>
    public ProcessDescriptor ReadEnd { get; }

    /// <summary>Begins to feed; the child must have its end already.</summary>
    public void Begin()
    {
        ReadEnd.Dispose();
        _feeding = Task.Run(FeedAsync);
    }

    /// <summary>Rethrows the read error of the source, if any.</summary>
    public void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopReading.Cancel();
        _stop.Signal();
        // The source belongs to the caller: no read may follow the end of the run.
        _feeding.GetAwaiter().GetResult();
        ReadEnd.Dispose();
        _writeEnd.Dispose();
        _stop.Dispose();
        _stopReading.Dispose();
    }

    private async Task FeedAsync()
    {
        try
        {
            var buffer = new byte[BufferBytes];
            while (true)
            {
                var count = await _source.ReadAsync(buffer, _stopReading.Token).ConfigureAwait(false);
                if (count == 0 || Write(buffer.AsSpan(0, count)) is not { } written)
                {
                    break;
                }
                if (written < count)
                {
                    // A separate thread from now on: a program may leave its input unread for long.
                    await ProcessRun.OnThread("agb-input", () => FeedRest(buffer, written, count)).ConfigureAwait(false);
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (_stopReading.IsCancellationRequested)
        {
            // The program has ended.
        }
        catch (Exception e)
        {
            // Part of the input must not pass for all of it, so the program is ended too.
            Volatile.Write(ref _failure, e);
            _failed();
            return;
        }
        _writeEnd.Dispose();
    }

    /// <summary>Feeds the content of the buffer and then the rest, waiting for room.</summary>
    private bool FeedRest(byte[] buffer, int start, int end)
    {
        // Much input is left: a larger pipe means fewer switches between the two programs.
        _writeEnd.Widen();
        do
        {
            while (start < end)
            {
                ProcessWait.ForRoom(_writeEnd, _stop);
                if (Write(buffer.AsSpan(start, end - start)) is not { } written)
                {
                    return false;
                }
                start += written;
            }
            var read = _source.ReadAsync(buffer, _stopReading.Token);
            (start, end) = (0, read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult());
        }
        while (end > 0);
        return true;
    }

    /// <summary>Writes as many bytes as there is room for.</summary>
    /// <returns>The number of bytes; null if no reader is left or the program has ended.</returns>
    private int? Write(ReadOnlySpan<byte> bytes)
    {
        var written = 0;
        while (written < bytes.Length)
        {
            if (_stopReading.IsCancellationRequested || _writeEnd.TryWrite(bytes[written..]) is not { } count)
            {
                return null;
            }
            if (count == 0)
            {
                break;
            }
            written += count;
        }
        return written;
    }
}
