using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>One log line for each request, with the endpoint's pattern: paths and queries can contain signatures and file names.</summary>
internal sealed class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
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
                Log(context, route, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }
    }

    private void Log(HttpContext context, string route, double milliseconds)
    {
        var (method, status, requestId) = (context.Request.Method, context.Response.StatusCode, context.TraceIdentifier);
        var caller = context.Features.Get<Caller>();
        var note = RequestNote.Of(context);
        var session = note.SessionId ?? caller?.SessionId;
        if (note.Tool is { } tool)
        {
            logger.ToolRequest(method, route, status, milliseconds, caller?.Owner.Id, session, tool, RequestNote.OutcomeOf(note.HasFailed), requestId, note.ClientRequestId ?? requestId);
        }
        else if (session is not null)
        {
            logger.SessionRequest(method, route, status, milliseconds, caller?.Owner.Id, session, requestId);
        }
        else
        {
            logger.Request(method, route, status, milliseconds, caller?.Owner.Id, requestId);
        }
    }
}
