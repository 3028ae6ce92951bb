using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Hosting;

/// <summary>One log line a request. Paths and queries can hold signatures and file names, so the endpoint's pattern stands for
/// them.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    /// <summary>Runs one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            var route = Telemetry.RouteOf(context);
            if (route != Protocol.AgbRoutes.Health)
            {
                LogRequest(
                    context.Request.Method, route, context.Response.StatusCode, Stopwatch.GetElapsedTime(began).TotalMilliseconds,
                    context.Features.Get<Caller>()?.Owner.Id, context.TraceIdentifier);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Route} {Status} {Milliseconds:0.0} ms, owner {Owner}, request {RequestId}")]
    private partial void LogRequest(string method, string route, int status, double milliseconds, string? owner, string requestId);
}
