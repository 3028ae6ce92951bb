using System.Net.WebSockets;

namespace Agb.Cloud;

/// <summary>A command with stdin, arguments or bytes of stdout on an Agb server: a WebSocket, see
/// <see cref="CommandMessage"/>.</summary>
internal sealed class ExtendedCommand : IDisposable
{
    private readonly ApiClient _api;
    private readonly WebSocket _socket;
    private readonly AgbCommandRequest _request;
    private readonly Func<JsonElement, ValueTask> _take;
    private readonly string _requestId;
    private readonly SemaphoreSlim _taken = new(0);
    private readonly CancellationTokenSource _over;
    private long _sent;
    private long _known;
    private Exception? _failure;

    private ExtendedCommand(
        ApiClient api, WebSocket socket, AgbCommandRequest request, Func<JsonElement, ValueTask> take, string requestId, CancellationToken cancellationToken)
    {
        (_api, _socket, _request, _take, _requestId) = (api, socket, request, take, requestId);
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Whether a request needs a socket.</summary>
    internal static bool IsFor(AgbCommandRequest request) => request.Input is not null || request.Output is not null || request.Arguments.Count > 0;

    /// <summary>Runs a command.</summary>
    /// <param name="api">The service.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="request">The command.</param>
    /// <param name="take">Receives each item before the next one is read.</param>
    /// <param name="requestId">The request's id, for its cancellation.</param>
    /// <param name="cancellationToken">Closes the socket.</param>
    internal static async Task<CommandDetail> RunAsync(
        ApiClient api, string sessionId, AgbCommandRequest request, Func<JsonElement, ValueTask> take, string requestId, CancellationToken cancellationToken)
    {
        var socket = await ConnectAsync(api, requestId, cancellationToken).ConfigureAwait(false);
        try
        {
            using var command = new ExtendedCommand(api, socket, request, take, requestId, cancellationToken);
            return await command.RunAsync(RunCommandBody.From(sessionId, request), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await WebSockets.CloseAsync(socket).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _over.Dispose();
        _taken.Dispose();
    }

    private static async Task<WebSocket> ConnectAsync(ApiClient api, string requestId, CancellationToken cancellationToken)
    {
        try
        {
            return await WebSockets.ConnectAsync(
                api, new Uri(api.Name + AgbServerRoutes.CommandSocket), token: null, requestId, cancellationToken, WebSockets.LongPong).ConfigureAwait(false);
        }
        catch (AgbServiceException e) when (e.HttpStatus == 404)
        {
            throw new AgbException(
                AgbErrorIds.NotSupported, AgbErrorKind.InvalidState,
                $"The server '{api.Name}' is of a version without arguments and stdin for commands.", "Update the server.", api.Name, e)
            {
                RequestId = requestId,
            };
        }
    }

    private async Task<CommandDetail> RunAsync(RunCommandBody body, CancellationToken cancellationToken)
    {
        var sending = Task.CompletedTask;
        try
        {
            await SendAsync(body, WireJson.Default.RunCommandBody).ConfigureAwait(false);
            sending = _request.Input is { } input ? FeedAsync(input) : Task.CompletedTask;
            return await ReceiveAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The exception of the caller's own stream comes first: it ended the socket.
            if (Volatile.Read(ref _failure) is { } failure)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            }
            cancellationToken.ThrowIfCancellationRequested();
            throw CloudErrors.CutOff(_api.Name, _requestId, e);
        }
        finally
        {
            // The source belongs to the caller and must not be read after the call.
            await _over.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }
    }

    /// <summary>Sends stdin as fast as the command reads it.</summary>
    private async Task FeedAsync(Stream input)
    {
        try
        {
            var buffer = new byte[CommandMessage.MaxFrameBytes];
            while (true)
            {
                while (_sent - Interlocked.Read(ref _known) > CommandMessage.Window - buffer.Length)
                {
                    await _taken.WaitAsync(_over.Token).ConfigureAwait(false);
                }
                var count = await input.ReadAsync(buffer, _over.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    await SendAsync(new CommandMessage { End = true }, WireJson.Default.CommandMessage).ConfigureAwait(false);
                    return;
                }
                await _socket.SendAsync(buffer.AsMemory(0, count), WebSocketMessageType.Binary, endOfMessage: true, _over.Token).ConfigureAwait(false);
                _sent += count;
            }
        }
        catch (Exception e) when (_over.IsCancellationRequested || e is WebSocketException)
        {
            // The command has ended, or the receiver reports the fault.
        }
        catch (Exception e)
        {
            // Partial input must not pass as complete: the command ends with the socket.
            Volatile.Write(ref _failure, e);
            await _over.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<CommandDetail> ReceiveAsync()
    {
        var text = new MemoryStream();
        var buffer = new byte[CommandMessage.MaxFrameBytes];
        while (true)
        {
            var received = await _socket.ReceiveAsync(buffer.AsMemory(), _over.Token).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Binary)
            {
                await WriteAsync(buffer.AsMemory(0, received.Count)).ConfigureAwait(false);
            }
            else if (received.MessageType == WebSocketMessageType.Close)
            {
                throw CloudErrors.CutOff(_api.Name, _requestId);
            }
            else
            {
                text.Write(buffer, 0, received.Count);
                if (received.EndOfMessage)
                {
                    var message = text.ToArray();
                    text.SetLength(0);
                    if (await TakeAsync(message).ConfigureAwait(false) is { } result)
                    {
                        return result;
                    }
                }
            }
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _request.Output!.WriteAsync(bytes, _over.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!_over.IsCancellationRequested)
        {
            Volatile.Write(ref _failure, e);
            throw new OperationCanceledException("The stream for stdout failed.", e);
        }
    }

    private async ValueTask<CommandDetail?> TakeAsync(byte[] message)
    {
        if (Answers.Guard(() => WireReader.Read(message, WireJson.Default.CommandMessage, "message"), _requestId).Taken is { } taken)
        {
            Interlocked.Add(ref _known, taken);
            _taken.Release();
            return null;
        }
        var frame = Answers.Guard(() => StreamFrame.Read(message), _requestId);
        if (frame.Error is { } error)
        {
            throw CloudErrors.Refused(new ApiReply(101, new Envelope { AgbError = error, RequestId = _requestId, Code = error.Id ?? "" }, _requestId));
        }
        if (frame.Item is { } item)
        {
            await _take(item).ConfigureAwait(false);
        }
        return frame.Result is { } result ? Answers.Read(result, WireJson.Default.CommandDetail, _requestId) : null;
    }

    private Task SendAsync<T>(T message, JsonTypeInfo<T> type) => _socket.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(message, type), WebSocketMessageType.Text, endOfMessage: true, _over.Token);
}
