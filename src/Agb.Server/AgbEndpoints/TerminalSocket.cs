using System.Net.WebSockets;

namespace Agb.Server;

/// <summary>A terminal in a session, by WebSocket (<see cref="TerminalBody"/>). The shell ends with the socket.</summary>
internal sealed class TerminalSocket(Call call, FrameSocket socket)
{
    private const int MaxMessageBytes = 1024 * 1024;
    private const int ReadBytes = 32 * 1024;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    /// <summary>Maps the endpoint.</summary>
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.Get(AgbServerRoutes.Terminal, RunAsync).AsWork();

    private static async Task RunAsync(Call call)
    {
        FrameSocket.Require(call.Http);
        if (call.Service is not ITerminalService terminals)
        {
            throw AgbErrors.NotSupported(call.Service.Name, "terminals");
        }
        using var webSocket = await FrameSocket.AcceptAsync(call.Http).ConfigureAwait(false);
        using var socket = new FrameSocket(webSocket, MaxMessageBytes, call.Options.Timeouts.StalledStream);
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
                    await SendAsync(new TerminalMessage { Opened = true }).ConfigureAwait(false);
                    await TalkAsync(terminal).ConfigureAwait(false);
                }
            }
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (call.Aborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception e)
        {
            var error = call.Failures.Report(e, call.Http.TraceIdentifier);
            await SendAsync(new TerminalMessage { Error = WireError.From(error) }).ConfigureAwait(false);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
        }
    }

    private async Task<IAgbTerminal?> OpenAsync(ITerminalService terminals)
    {
        if (await socket.ReadFirstAsync(call).ConfigureAwait(false) is not { } first)
        {
            return null;
        }
        var body = WireReader.Read(first.Bytes.Span, WireJson.Default.TerminalBody, "first frame");
        return await terminals.OpenTerminalAsync(new SessionId(call.RequireSessionId(body.SessionId)), body.ToRequest(), call.Aborted).ConfigureAwait(false);
    }

    private async Task TalkAsync(IAgbTerminal terminal)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        var showing = ShowAsync(terminal, over.Token);
        var typing = TypeAsync(terminal, over.Token);
        try
        {
            // An error of either is sent to the client.
            await (await Task.WhenAny(showing, typing).ConfigureAwait(false)).ConfigureAwait(false);
            if (showing.IsCompletedSuccessfully)
            {
                await SendAsync(new TerminalMessage { ExitCode = await terminal.ExitCode.ConfigureAwait(false) }).ConfigureAwait(false);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
                // A cancelled read would break the connection before the client has all output. The client gets a moment to close its side.
                await Task.WhenAny(typing, Task.Delay(s_farewell, TimeProvider.System, over.Token)).ConfigureAwait(false);
            }
        }
        finally
        {
            // Neither may use a closed terminal.
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(showing, typing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ShowAsync(IAgbTerminal terminal, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadBytes];
        while (await terminal.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            await socket.WriteAsync(buffer.AsMemory(0, count), WebSocketMessageType.Binary, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TypeAsync(IAgbTerminal terminal, CancellationToken cancellationToken)
    {
        while (await socket.ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
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

    private Task SendAsync(TerminalMessage message) => socket.WriteAsync(message, WireJson.Default.TerminalMessage, call.Aborted);
}
