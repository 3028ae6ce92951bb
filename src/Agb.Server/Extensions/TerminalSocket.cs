using System.Net.WebSockets;
using Agb.Protocol;
using Agb.Protocol.Json;
using Agb.Server.Api;
using Agb.Server.Code;
using Agb.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Extensions;

/// <summary>A terminal in a session, by WebSocket (<see cref="TerminalBody"/>). The shell ends with the socket.</summary>
internal sealed partial class TerminalSocket
{
    private const int MaxMessageBytes = 1024 * 1024;
    private const int ReadBytes = 32 * 1024;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    private readonly Call _call;
    private readonly FrameSocket _socket;

    private TerminalSocket(Call call, FrameSocket socket)
    {
        _call = call;
        _socket = socket;
    }

    /// <summary>Maps the endpoint.</summary>
    internal static void Map(IEndpointRouteBuilder routes) => routes.Get(AgbExtensionRoutes.Terminal, RunAsync);

    private static async Task RunAsync(Call call)
    {
        if (!call.Http.WebSockets.IsWebSocketRequest)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, "The request does not ask for a WebSocket.", "Connect with a WebSocket client.");
        }
        if (call.Service is not ITerminalService terminals)
        {
            throw AgbErrors.NotSupported(call.Service.Name, "terminals");
        }
        using var webSocket = await call.Http.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        using var socket = new FrameSocket(webSocket, MaxMessageBytes);
        await new TerminalSocket(call, socket).ServeAsync(terminals).ConfigureAwait(false);
    }

    private async Task ServeAsync(ITerminalService terminals)
    {
        try
        {
            if (await OpenAsync(terminals).ConfigureAwait(false) is { } terminal)
            {
                await using (terminal.ConfigureAwait(false))
                {
                    await TalkAsync(terminal).ConfigureAwait(false);
                }
            }
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_call.Aborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception e)
        {
            if (e is not AgbException)
            {
                LogUnexpected(_call.Get<ILogger<TerminalSocket>>(), _call.Http.TraceIdentifier, e);
            }
            var error = e as AgbException ?? ErrorMiddleware.Unexpected(_call.Http.TraceIdentifier, e);
            await SendAsync(new TerminalMessage { Error = WireError.From(error) }).ConfigureAwait(false);
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
        }
    }

    private async Task<IAgbTerminal?> OpenAsync(ITerminalService terminals)
    {
        if (await _socket.ReadAsync(_call.Aborted).ConfigureAwait(false) is not { } first)
        {
            return null;
        }
        var body = WireReader.Read(first.Bytes.Span, WireJson.Default.TerminalBody, "first frame");
        var terminal = await terminals.OpenTerminalAsync(Call.Require(body.SessionId, "sessionId"), body.ToRequest(), _call.Aborted).ConfigureAwait(false);
        await SendAsync(new TerminalMessage { Opened = true }).ConfigureAwait(false);
        return terminal;
    }

    private async Task TalkAsync(IAgbTerminal terminal)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_call.Aborted);
        var showing = ShowAsync(terminal, over.Token);
        var typing = TypeAsync(terminal, over.Token);
        var first = await Task.WhenAny(showing, typing).ConfigureAwait(false);
        if (first == showing)
        {
            await showing.ConfigureAwait(false);
            await SendAsync(new TerminalMessage { ExitCode = await terminal.ExitCode.ConfigureAwait(false) }).ConfigureAwait(false);
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
            // Giving up reading would break the connection before the client has all; it has a moment to close its side.
            await Task.WhenAny(typing, Task.Delay(s_farewell, over.Token)).ConfigureAwait(false);
        }
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(showing, typing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first == typing)
        {
            // What was wrong with a frame is the client's to know.
            await typing.ConfigureAwait(false);
        }
    }

    private async Task ShowAsync(IAgbTerminal terminal, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadBytes];
        while (await terminal.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            await _socket.WriteAsync(buffer.AsMemory(0, count), WebSocketMessageType.Binary, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TypeAsync(IAgbTerminal terminal, CancellationToken cancellationToken)
    {
        while (await _socket.ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
        {
            if (message.Type == WebSocketMessageType.Binary)
            {
                await terminal.WriteAsync(message.Bytes, cancellationToken).ConfigureAwait(false);
            }
            else if (WireReader.Read(message.Bytes.Span, WireJson.Default.TerminalMessage, "frame") is { Columns: { } columns, Rows: { } rows })
            {
                await terminal.ResizeAsync(RequestRules.TerminalSize(new AgbTerminalSize(columns, rows)), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task SendAsync(TerminalMessage message) => _socket.WriteAsync(message, WireJson.Default.TerminalMessage, _call.Aborted);

    [LoggerMessage(Level = LogLevel.Error, Message = "The terminal of the request {RequestId} failed in a way that nobody expected.")]
    private static partial void LogUnexpected(ILogger logger, string requestId, Exception exception);
}
