using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Agb.Server.Hosting;

/// <summary>What a connection may cost.</summary>
internal static class Connections
{
    // A client that vanished without a word is known after two minutes: one of quiet, and four questions without an answer.
    private const int ProbeAfterSeconds = 60;
    private const int ProbeEverySeconds = 15;
    private const int Probes = 4;

    /// <summary>Sets the limits of the web server.</summary>
    internal static void Limit(KestrelServerLimits limits, ServerOptions options)
    {
        var patience = options.Patience;
        var rate = new MinDataRate(patience.BytesPerSecond, patience.RateGrace);
        limits.RequestHeadersTimeout = patience.RequestHead;
        limits.KeepAliveTimeout = patience.IdleConnection;
        limits.MinRequestBodyDataRate = rate;
        limits.MinResponseDataRate = rate;
        // Connections are counted by ConnectionPlaces. One that became a WebSocket is counted as such, and no longer there; those beyond
        // what is possible are refused with a reason before (WorkMiddleware).
        limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
    }

    /// <summary>Has the kernel look after clients that vanish: neither a quiet stream nor a body in the midst of its way would ever notice.</summary>
    internal static void ProbePeers(IServiceCollection services) => services.Configure<SocketTransportOptions>(o =>
        o.CreateBoundListenSocket = endPoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
            // Connections that it accepts have what it has.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ProbeAfterSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeEverySeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            return socket;
        });

    /// <summary>Watches over the body of a request.</summary>
    internal static Task WatchBodyAsync(HttpContext context, ServerOptions options, RequestDelegate next)
    {
        var body = new PatientStream(context.Request.BodyReader, options.Patience.QuietBody);
        context.Features.Set(body);
        context.Request.Body = body;
        return next(context);
    }
}
