using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;

namespace Agb.Server;

/// <summary>A command with live stdin and output (<see cref="CommandMessage"/>). It ends with the socket. The socket is always
/// read, to notice the end of the client; the client's window bounds the buffered stdin.</summary>
internal sealed class CommandSocket(Call call, FrameSocket socket, CancellationToken aborted)
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly Pipe _input = new(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 64 * 1024));
    private long _waiting;

    /// <summary>Maps the endpoint.</summary>
    internal static void Map(IEndpointRouteBuilder routes) => routes.Get(AgbServerRoutes.CommandSocket, RunAsync).AsWork();

    private static async Task RunAsync(Call call)
    {
        FrameSocket.Require(call.Http);
        using var webSocket = await FrameSocket.AcceptAsync(call.Http).ConfigureAwait(false);
        using var socket = new FrameSocket(webSocket, call.Options.MaxRequestBytes, call.Options.Timeouts.StalledStream);
        using var running = call.Owner.Calls.Begin(call.Http.Request.Headers[WireHeaders.RequestId], call.Aborted);
        await new CommandSocket(call, socket, running.Token).ServeAsync().ConfigureAwait(false);
    }

    private async Task ServeAsync()
    {
        var reading = Task.CompletedTask;
        try
        {
            if (await socket.ReadFirstAsync(call).ConfigureAwait(false) is { } first)
            {
                var body = WireReader.Read(first.Bytes.Span, WireJson.Default.RunCommandBody, "first frame");
                var (id, request) = (call.RequireSessionId(body.SessionId), body.ToRequest());
                reading = ReadAsync();
                var result = await CommandAsync(id, body, request).ConfigureAwait(false);
                await SendAsync(CommandDetail.From(result), WireJson.Default.CommandDetail, StreamFrame.WriteResult).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The client is gone, or has cancelled the call.
        }
        catch (Exception e)
        {
            var error = new ArrayBufferWriter<byte>();
            StreamFrame.WriteError(error, call.Failures.Report(ErrorMiddleware.RequestError(e, call.Http) ?? e, call.Http.TraceIdentifier));
            await socket.WriteAsync(error.WrittenMemory, WebSocketMessageType.Text, call.Aborted).ConfigureAwait(false);
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
        // A cancelled read would break the connection before the client has all output. The client gets a moment to close its side.
        await Task.WhenAny(reading, Task.Delay(s_farewell, TimeProvider.System, _gone.Token)).ConfigureAwait(false);
        await _gone.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _gone.Dispose();
    }

    private async Task<AgbCommandResult> CommandAsync(string sessionId, RunCommandBody body, AgbCommandRequest request)
    {
        await using var input = body.Input ? _input.Reader.AsStream() : null;
        var lines = body.Lines ? Channel.CreateBounded<AgbCommandOutput>(AgbRunEndpoints.WaitingItems) : null;
        request = request with
        {
            Input = input is null ? null : new TakenStream(input, TakenAsync),
            Output = body.Output ? new SentStream(socket) : null,
            Lines = lines?.Writer,
        };
        return await AgbRunEndpoints.PumpAsync(
            lines, (line, _) => SendAsync(OutputLine.From(line), WireJson.Default.OutputLine, StreamFrame.WriteItem),
            () => call.Service.RunCommandAsync(new SessionId(sessionId), request, _gone.Token), _gone.Token).ConfigureAwait(false);
    }

    /// <summary>Reads the client's messages until it is gone.</summary>
    private async Task ReadAsync()
    {
        try
        {
            while (await socket.ReadAsync(_gone.Token).ConfigureAwait(false) is { } message)
            {
                if (message.Type == WebSocketMessageType.Binary)
                {
                    if (Interlocked.Add(ref _waiting, message.Bytes.Length) > CommandMessage.Window + CommandMessage.MaxFrameBytes)
                    {
                        await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, "The client sent more stdin than the window allows.").ConfigureAwait(false);
                        break;
                    }
                    await _input.Writer.WriteAsync(message.Bytes, _gone.Token).ConfigureAwait(false);
                }
                else if (WireReader.Read(message.Bytes.Span, WireJson.Default.CommandMessage, "frame").End == true)
                {
                    await _input.Writer.CompleteAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // The end of the client must not look like the end of stdin.
            await _gone.CancelAsync().ConfigureAwait(false);
        }
    }

    private Task TakenAsync(int count)
    {
        Interlocked.Add(ref _waiting, -count);
        return socket.WriteAsync(new CommandMessage { Taken = count }, WireJson.Default.CommandMessage, _gone.Token);
    }

    private Task SendAsync<T>(T value, JsonTypeInfo<T> type, Action<IBufferWriter<byte>, T, JsonTypeInfo<T>> write)
    {
        var message = new ArrayBufferWriter<byte>();
        write(message, value, type);
        return socket.WriteAsync(message.WrittenMemory, WebSocketMessageType.Text, _gone.Token);
    }

    /// <summary>Reads another stream and reports the number of bytes taken.</summary>
    private sealed class TakenStream(Stream inner, Func<int, Task> taken) : AsyncForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count > 0)
            {
                await taken(count).ConfigureAwait(false);
            }
            return count;
        }
    }

    /// <summary>Sends all written bytes.</summary>
    private sealed class SentStream(FrameSocket socket) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (!buffer.IsEmpty)
            {
                var frame = buffer[..Math.Min(buffer.Length, CommandMessage.MaxFrameBytes)];
                await socket.WriteAsync(frame, WebSocketMessageType.Binary, cancellationToken).ConfigureAwait(false);
                buffer = buffer[frame.Length..];
            }
        }
    }
}
