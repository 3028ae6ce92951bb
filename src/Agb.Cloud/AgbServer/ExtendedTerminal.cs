using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Agb.Cloud;

/// <summary>A terminal in a session of an Agb server: a WebSocket, see <see cref="TerminalBody"/>. Output waits in a pipe until
/// it is read; the server waits while the pipe is full.</summary>
internal sealed class ExtendedTerminal : IAgbTerminal
{
    private const int LargestMessage = 64 * 1024;

    private readonly ApiClient _api;
    private readonly WebSocket _socket;
    private readonly string _requestId;
    private readonly Pipe _shown = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource<int> _exitCode = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _taking;

    private ExtendedTerminal(ApiClient api, WebSocket socket, string requestId)
    {
        (_api, _socket, _requestId) = (api, socket, requestId);
        _taking = TakeAsync();
    }

    public Task<int> ExitCode => _exitCode.Task;

    internal static async Task<IAgbTerminal> OpenAsync(
        ApiClient api, string sessionId, AgbTerminalRequest request, CancellationToken cancellationToken)
    {
        var requestId = ApiClient.NewRequestId();
        var socket = await WebSockets.ConnectAsync(
            api, new Uri(api.Name + AgbServerRoutes.Terminal), token: null, requestId, cancellationToken).ConfigureAwait(false);
        try
        {
            using var deadline = new Deadline(api.Silence, api.Time, cancellationToken);
            await OpenAsync(api, socket, TerminalBody.From(sessionId, request), requestId, deadline).ConfigureAwait(false);
            return new ExtendedTerminal(api, socket, requestId);
        }
        catch
        {
            await WebSockets.CloseAsync(socket).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _shown.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var count = (int)Math.Min(read.Buffer.Length, buffer.Length);
        var taken = read.Buffer.Slice(0, count);
        var at = 0;
        foreach (var piece in taken)
        {
            piece.CopyTo(buffer[at..]);
            at += piece.Length;
        }
        _shown.Reader.AdvanceTo(taken.End);
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> typed, CancellationToken cancellationToken = default)
    {
        if (!_exitCode.Task.IsCompleted)
        {
            await SendAsync(typed, WebSocketMessageType.Binary, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask ResizeAsync(AgbTerminalSize size, CancellationToken cancellationToken = default)
    {
        RequestRules.TerminalSize(size);
        if (!_exitCode.Task.IsCompleted)
        {
            var message = new TerminalMessage { Columns = size.Columns, Rows = size.Rows };
            await SendAsync(
                JsonSerializer.SerializeToUtf8Bytes(message, WireJson.Default.TerminalMessage), WebSocketMessageType.Text, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_closed.IsCancellationRequested)
        {
            // Unread output must not delay the end.
            await _shown.Reader.CompleteAsync().ConfigureAwait(false);
            await WebSockets.CloseAsync(_socket).ConfigureAwait(false);
            await _closed.CancelAsync().ConfigureAwait(false);
            await _taking.ConfigureAwait(false);
            _sending.Dispose();
        }
    }

    private static async Task OpenAsync(ApiClient api, WebSocket socket, TerminalBody body, string requestId, Deadline deadline)
    {
        try
        {
            await socket.SendAsync(
                JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Default.TerminalBody), WebSocketMessageType.Text, endOfMessage: true, deadline.Token).ConfigureAwait(false);
            var answer = await ReceiveTextAsync(socket, WireJson.Default.TerminalMessage, requestId, deadline.Token).ConfigureAwait(false);
            if (answer is not { Opened: true })
            {
                throw answer?.Error is { } error
                    ? CloudErrors.Refused(new ApiReply(101, new Envelope { AgbError = error, RequestId = requestId }, requestId))
                    : CloudErrors.CutOff(api.Name, requestId);
            }
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            throw CloudErrors.TimeOver(api.Name, deadline.Limit, requestId, e);
        }
        catch (WebSocketException e)
        {
            throw CloudErrors.CutOff(api.Name, requestId, e);
        }
    }

    private static async Task<T?> ReceiveTextAsync<T>(
        WebSocket socket, JsonTypeInfo<T> type, string requestId, CancellationToken cancellationToken)
        where T : class
    {
        var buffer = new byte[LargestMessage];
        var length = 0;
        while (length < buffer.Length)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            length += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }
            if (received.EndOfMessage)
            {
                return Answers.Guard(() => WireReader.Read(buffer.AsSpan(0, length), type, "message"), requestId);
            }
        }
        throw CloudErrors.Unreadable($"a message has more than {LargestMessage} bytes", requestId);
    }

    private async Task TakeAsync()
    {
        try
        {
            await TakeAllAsync().ConfigureAwait(false);
            await _shown.Writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is AgbException or WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            var error = e as AgbException ?? CloudErrors.CutOff(_api.Name, _requestId, e);
            if (_exitCode.TrySetException(error))
            {
                // Callers without interest in the exit code get the error from reading.
                _ = _exitCode.Task.Exception;
            }
            await _shown.Writer.CompleteAsync(error).ConfigureAwait(false);
        }
    }

    private async Task TakeAllAsync()
    {
        var text = new MemoryStream();
        while (true)
        {
            var buffer = _shown.Writer.GetMemory(4096);
            var received = await _socket.ReceiveAsync(buffer, _closed.Token).ConfigureAwait(false);
            switch (received.MessageType)
            {
                case WebSocketMessageType.Binary:
                    _shown.Writer.Advance(received.Count);
                    await _shown.Writer.FlushAsync(_closed.Token).ConfigureAwait(false);
                    break;
                case WebSocketMessageType.Text:
                    text.Write(buffer.Span[..received.Count]);
                    if (received.EndOfMessage && IsLast(text))
                    {
                        return;
                    }
                    break;
                default:
                    throw CloudErrors.CutOff(_api.Name, _requestId);
            }
        }
    }

    private bool IsLast(MemoryStream text)
    {
        var message = Answers.Guard(
            () => WireReader.Read(text.ToArray(), WireJson.Default.TerminalMessage, "message"), _requestId);
        text.SetLength(0);
        if (message.Error is { } error)
        {
            throw CloudErrors.Refused(new ApiReply(101, new Envelope { AgbError = error, RequestId = _requestId }, _requestId));
        }
        return message.ExitCode is { } code && _exitCode.TrySetResult(code);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _socket.SendAsync(bytes, type, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException) when (_exitCode.Task.IsCompletedSuccessfully)
        {
            // The shell ended meanwhile; later input is dropped.
        }
        catch (WebSocketException e)
        {
            throw CloudErrors.CutOff(_api.Name, _requestId, e);
        }
        finally
        {
            _sending.Release();
        }
    }
}
