namespace Agb.Engine.Native;

/// <summary>Feeds a stream to a program's stdin while it runs.</summary>
/// <remarks>The pipe never blocks: a program that ends without reading, or whose descendants hold its stdin, would otherwise
/// keep the feeding thread for ever.</remarks>
internal sealed class ProcessInput : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Stream _source;
    private readonly Action _failed;
    private readonly ProcessDescriptor _writeEnd;
    private readonly ProcessDescriptor _stop = ProcessDescriptor.Event();
    private readonly CancellationTokenSource _stopReading = new();
    private Task _feeding = Task.CompletedTask;
    private Exception? _failure;

    /// <summary>Makes the pipe.</summary>
    /// <param name="source">What to feed.</param>
    /// <param name="failed">Called when the source can't be read, from another thread.</param>
    public ProcessInput(Stream source, Action failed)
    {
        _source = source;
        _failed = failed;
        (ReadEnd, _writeEnd) = ProcessDescriptor.Pipe();
        _writeEnd.NeverBlock();
    }

    /// <summary>The child's end.</summary>
    public ProcessDescriptor ReadEnd { get; }

    /// <summary>Begins to feed; the child has its end by now.</summary>
    public void Begin()
    {
        ReadEnd.Dispose();
        _feeding = Task.Run(FeedAsync);
    }

    /// <summary>Throws what reading the source threw.</summary>
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
        // The source belongs to the caller, so nothing may read it once the run has ended.
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
                if (count == 0 || !await WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false))
                {
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

    /// <summary>Writes all bytes.</summary>
    /// <returns>False when nobody reads them any more, or the program has ended.</returns>
    private async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_stopReading.IsCancellationRequested || _writeEnd.TryWrite(bytes.Span) is not { } count)
            {
                return false;
            }
            bytes = bytes[count..];
            if (count == 0)
            {
                // A thread of its own: a program may leave its input alone for long.
                await ProcessRun.OnThread(
                    "agb-input",
                    () =>
                    {
                        ProcessWait.ForRoom(_writeEnd, _stop);
                        return true;
                    }).ConfigureAwait(false);
            }
        }
        return true;
    }
}
