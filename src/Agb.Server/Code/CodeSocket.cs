using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Hosting;

namespace Agb.Server;

/// <summary>The WebSocket of a session, for code with live output. Its calls end with the socket.</summary>
internal sealed class CodeSocket(Call call, FrameSocket socket)
{
    /// <summary>The most concurrent calls of one socket.</summary>
    private const int MaxCalls = 16;

    /// <summary>The time for a client's answer to the server's close frame.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private volatile bool _isStopping;

    /// <summary>Serves one socket until either side closes it.</summary>
    internal static async Task RunAsync(Call call)
    {
        FrameSocket.Require(call.Http);
        await call.Owner.RequireSessionAsync(call.Caller.SessionId!, call.Aborted).ConfigureAwait(false);
        using var webSocket = await FrameSocket.AcceptAsync(call.Http).ConfigureAwait(false);
        using var socket = new FrameSocket(webSocket, call.Options.MaxRequestBytes, call.Options.Timeouts.StalledStream);
        await new CodeSocket(call, socket).ServeAsync().ConfigureAwait(false);
    }

    private async Task ServeAsync()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        var closing = Task.CompletedTask;
        using (call.Get<IHostApplicationLifetime>().ApplicationStopping.Register(() => closing = CloseWhenDoneAsync(gone)))
        {
            try
            {
                while (await socket.ReadAsync(gone.Token).ConfigureAwait(false) is { } message)
                {
                    if (message.Type == WebSocketMessageType.Text)
                    {
                        await TakeAsync(message.Bytes, gone.Token).ConfigureAwait(false);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The client is gone without a close frame.
            }
        }
        await gone.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running.Values.Append(closing)).ConfigureAwait(false);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
    }

    /// <summary>At server stop: waits for the running calls, then tells the client. Reading is cancelled last, because this
    /// breaks the connection.</summary>
    private async Task CloseWhenDoneAsync(CancellationTokenSource gone)
    {
        _isStopping = true;
        await Task.WhenAll(_running.Values).ConfigureAwait(false);
        await socket.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The server stops.").ConfigureAwait(false);
        await Task.Delay(s_farewell, TimeProvider.System, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await gone.CancelAsync().ConfigureAwait(false);
    }

    private async Task TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken gone)
    {
        CodeFrame frame;
        try
        {
            frame = WireReader.Read(bytes.Span, WireJson.Default.CodeFrame, "frame");
        }
        catch (AgbException e)
        {
            // Without an id the answer can't name the call. With an id, the call must end.
            if (CodeInvocation.IdOf(bytes) is { } broken)
            {
                await RefuseAsync(broken, e.Message, gone).ConfigureAwait(false);
            }
            return;
        }
        if ((frame.InvocationId ?? frame.RequestId) is not { Length: > 0 } id)
        {
            return;
        }
        if (frame.Data is not { Method: null or CodeToolArguments.ToolName, Params: { } parameters })
        {
            await RefuseAsync(id, $"The frame is no call of {CodeToolArguments.ToolName}: it has no data.params, or another method.", gone).ConfigureAwait(false);
        }
        else if (_isStopping)
        {
            await RefuseAsync(id, "The server stops.", gone).ConfigureAwait(false);
        }
        else if (_running.Count >= MaxCalls || _running.ContainsKey(id))
        {
            await RefuseAsync(id, $"The call's id is in use, or {MaxCalls} calls run on this socket already.", gone).ConfigureAwait(false);
        }
        else
        {
            var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _running[id] = RunAsync(id, parameters, begin.Task, gone);
            begin.SetResult();
        }
    }

    private async Task RunAsync(string id, CodeFrameParameters parameters, Task begin, CancellationToken gone)
    {
        await begin.ConfigureAwait(false);
        try
        {
            await new CodeInvocation(call, socket, id).RunAsync(parameters, gone).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    private Task RefuseAsync(string id, string why, CancellationToken gone) => socket.WriteAsync(CodeInvocation.Fatal(id, why), WireJson.Default.CodeFrame, gone);
}
