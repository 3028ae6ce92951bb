using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Hosting;

/// <summary>One log line for a call of a tool that is no request of its own: for each of those on one WebSocket.</summary>
internal sealed partial class ToolLog(ILogger<RequestLog> logger)
{
    /// <summary>Logs a call that has ended.</summary>
    /// <param name="context">The request that the WebSocket began with.</param>
    /// <param name="callId">The id that the client gave the call.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="hasFailed">Whether it failed.</param>
    /// <param name="duration">How long it took.</param>
    internal void Called(HttpContext context, string callId, string tool, bool hasFailed, TimeSpan duration)
    {
        var caller = context.Features.Get<Caller>();
        Log(
            Telemetry.RouteOf(context), duration.TotalMilliseconds, caller?.Owner.Id, caller?.SessionId, tool, RequestNote.OutcomeOf(hasFailed),
            context.TraceIdentifier, RequestNote.Fit(callId));
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Route} {Milliseconds:0.0} ms, owner {Owner}, session {SessionId}, tool {Tool} {Outcome}, request {RequestId}, client request {ClientRequestId}")]
    private partial void Log(
        string route, double milliseconds, string? owner, string? sessionId, string tool, string outcome, string requestId, string? clientRequestId);
}
