using System.Net.WebSockets;
using System.Text;

namespace Agb.Server;

/// <summary>The WebSocket of a live view: binary frames with the bytes of the RFB protocol, in both directions. The reason of its close
/// is for the viewer.</summary>
internal sealed class ViewSocket(Call call, FrameSocket socket, IAgbDesktopView view)
{
    private const int ReadBytes = 64 * 1024;
    private const int MaxMessageBytes = 1024 * 1024;

    // The most bytes of a reason (RFC 6455, section 5.5).
    private const int MaxReasonBytes = 123;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    /// <summary>Serves one viewer.</summary>
    internal static async Task RunAsync(Call call)
    {
        FrameSocket.Require(call.Http);
        if (call.Service is not IDesktopViewService views)
        {
            throw AgbErrors.NotSupported(call.Service.Name, "live views of desktops");
        }
        var sessionId = call.Caller.SessionId!;
        using var webSocket = await FrameSocket.AcceptAsync(call.Http).ConfigureAwait(false);
        using var socket = new FrameSocket(webSocket, MaxMessageBytes, call.Options.Timeouts.StalledStream);
        try
        {
            var view = await OpenAsync(call, views, sessionId).ConfigureAwait(false);
            await using (view.ConfigureAwait(false))
            {
                await new ViewSocket(call, socket, view).ServeAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (call.Aborted.IsCancellationRequested)
        {
            // The viewer is gone.
        }
        catch (Exception e)
        {
            var error = call.Failures.Report(e, call.Http.TraceIdentifier);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, Fit(error.Message)).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the view. Its programs are started on first need, as work of the owner; an open view is no work.</summary>
    private static async Task<IAgbDesktopView> OpenAsync(Call call, IDesktopViewService views, string sessionId)
    {
        call.Owner.RequireNotReleasing(sessionId);
        using var place = await call.Get<CallSlots>().EnterAsync(call.Owner.Id, call.Aborted).ConfigureAwait(false);
        return await views.OpenDesktopViewAsync(
            new SessionId(sessionId), ViewWord.Parse(call.Http.GetRouteValue("mode"))!.Value, call.Aborted).ConfigureAwait(false);
    }

    private async Task ServeAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted);
        var showing = ShowAsync(over.Token);
        var steering = SteerAsync(over.Token);
        try
        {
            await (await Task.WhenAny(showing, steering).ConfigureAwait(false)).ConfigureAwait(false);
            var reason = showing.IsCompletedSuccessfully ? await WhyEndedAsync().ConfigureAwait(false) : "";
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, Fit(reason)).ConfigureAwait(false);
            // Unread requests of the viewer would reset the connection, and lose the reason. The viewer gets a moment to close its side.
            await Task.WhenAny(steering, Task.Delay(s_farewell, TimeProvider.System, over.Token)).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(showing, steering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadBytes];
        while (await view.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            await socket.WriteAsync(buffer.AsMemory(0, count), WebSocketMessageType.Binary, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SteerAsync(CancellationToken cancellationToken)
    {
        while (await socket.ReadAsync(cancellationToken).ConfigureAwait(false) is { Type: WebSocketMessageType.Binary } message)
        {
            await view.WriteAsync(message.Bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string> WhyEndedAsync()
    {
        var sessionId = call.Caller.SessionId!;
        if (call.Owner.Releases.IsReleasing(sessionId))
        {
            return "The session was released.";
        }
        try
        {
            var session = await call.Service.GetSessionAsync(new SessionId(sessionId), call.Aborted).ConfigureAwait(false);
            return session.Status == AgbSessionStatus.Running ? "The desktop was stopped. Reload the page." : "The session has ended.";
        }
        catch (AgbException e)
        {
            return e.Message;
        }
    }

    /// <summary>Shortens a text to the room of a reason.</summary>
    private static string Fit(string text)
    {
        var end = Math.Min(text.Length, MaxReasonBytes);
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, end)) > MaxReasonBytes || (end > 0 && end < text.Length && char.IsHighSurrogate(text[end - 1])))
        {
            end--;
        }
        return text[..end];
    }
}
