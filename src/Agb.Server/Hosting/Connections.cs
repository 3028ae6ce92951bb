using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Agb.Server;

/// <summary>Limits of connections.</summary>
internal static class Connections
{
    // A lost client is noticed after two minutes: one minute of silence, then four unanswered probes.
    private const int ProbeAfterSeconds = 60;
    private const int ProbeEverySeconds = 15;
    private const int Probes = 4;

    /// <summary>Sets the limits of the web server.</summary>
    internal static void Limit(KestrelServerLimits limits, ServerOptions options)
    {
        var timeout = options.Timeouts;
        var rate = new MinDataRate(timeout.BytesPerSecond, timeout.RateGrace);
        limits.RequestHeadersTimeout = timeout.RequestHead;
        limits.KeepAliveTimeout = timeout.IdleConnection;
        limits.MinRequestBodyDataRate = rate;
        limits.MinResponseDataRate = rate;
        // ConnectionSlots counts connections, but WebSockets only until the upgrade. WebSockets beyond the limit of open files
        // are refused earlier, with a reason (WorkMiddleware).
        limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
    }

    /// <summary>Enables TCP keep-alive for the detection of lost clients: a quiet stream or a half-sent body would never notice.</summary>
    internal static void ProbePeers(IServiceCollection services) => services.Configure<SocketTransportOptions>(o =>
        o.CreateBoundListenSocket = endPoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            // Accepted connections inherit these options.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ProbeAfterSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeEverySeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            return socket;
        });

    /// <summary>Guards the body of a request against stalled clients.</summary>
    internal static Task WatchBodyAsync(HttpContext context, ServerOptions options, RequestDelegate next)
    {
        var body = new TimeoutStream(context.Request.BodyReader, options.Timeouts.QuietBody);
        context.Features.Set(body);
        context.Request.Body = body;
        return next(context);
    }
}
