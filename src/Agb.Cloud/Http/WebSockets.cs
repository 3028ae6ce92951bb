using System.Globalization;
using System.Net.WebSockets;

namespace Agb.Cloud;

/// <summary>Opens WebSockets through a service's pool of connections.</summary>
internal static class WebSockets
{
    private static readonly TimeSpan s_ping = TimeSpan.FromSeconds(20);
    /// <summary>The pong timeout for callers with long pauses in reading: the pong waits behind unread messages.</summary>
    internal static readonly TimeSpan LongPong = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="api">The service.</param>
    /// <param name="address">The address; http stands for ws.</param>
    /// <param name="token">The session's token; null to send the API key.</param>
    /// <param name="requestId">The request's id.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <param name="pong">The pong timeout; null for the usual one.</param>
    internal static async Task<ClientWebSocket> ConnectAsync(
        ApiClient api, Uri address, string? token, string requestId, CancellationToken cancellationToken, TimeSpan? pong = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = s_ping;
        socket.Options.KeepAliveTimeout = pong ?? s_ping;
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader(WireHeaders.RequestId, requestId);
        if (token is null)
        {
            socket.Options.SetRequestHeader(WireHeaders.Authorization, "Bearer " + api.Options.ApiKey);
        }
        else
        {
            socket.Options.SetRequestHeader(WireHeaders.AccessToken, token);
        }
        var began = api.Time.GetTimestamp();
        string? error = null;
        using var deadline = new Deadline(api.Options.Timeout, api.Time, cancellationToken);
        try
        {
            await socket.ConnectAsync(OfScheme(address), api.Sockets, deadline.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or HttpRequestException)
        {
            error = e.Message;
            var status = (int)socket.HttpStatusCode;
            var retryAfter = RetryAfter(socket);
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw deadline.IsOver ? CloudErrors.TimeOver(api.Name, deadline.Limit, requestId, e)
                : status is 0 or 101 ? CloudErrors.NoConnection(api.Name, requestId, e)
                : CloudErrors.OfStatus(status, "", requestId, retryAfter);
        }
        finally
        {
            api.Report(new AgbWireExchange
            {
                Method = "WS",
                Address = api.Secrets.Hide(address, isCall: token is null),
                RequestId = requestId,
                Status = error is null ? 101 : null,
                Duration = api.Time.GetElapsedTime(began),
                Error = error is null ? null : api.Secrets.HideInMessage(error),
            });
        }
    }

    /// <summary>Sends a close frame, with a short timeout, and closes.</summary>
    internal static async ValueTask CloseAsync(WebSocket socket)
    {
        using var timeout = new CancellationTokenSource(s_farewell);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // The other side notices the end of the connection anyway.
        }
        finally
        {
            socket.Dispose();
        }
    }

    // Our servers give the delay in seconds.
    private static TimeSpan? RetryAfter(ClientWebSocket socket) =>
        socket.HttpResponseHeaders?.TryGetValue("Retry-After", out var values) == true
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static Uri OfScheme(Uri address) => address.Scheme switch
    {
        "http" => new UriBuilder(address) { Scheme = "ws", Port = address.Port }.Uri,
        "https" => new UriBuilder(address) { Scheme = "wss", Port = address.Port }.Uri,
        _ => address,
    };
}
