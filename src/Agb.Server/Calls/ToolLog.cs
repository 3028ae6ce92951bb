using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>One log line for each tool call on a WebSocket.</summary>
internal sealed class ToolLog(ILogger<RequestLog> logger)
{
    /// <summary>Logs a finished call.</summary>
    /// <param name="context">The request of the WebSocket.</param>
    /// <param name="callId">The client's id of the call.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="hasFailed">Whether it failed.</param>
    /// <param name="duration">Its duration.</param>
    internal void Called(HttpContext context, string callId, string tool, bool hasFailed, TimeSpan duration)
    {
        var caller = context.Features.Get<Caller>();
        logger.SocketCall(
            Telemetry.RouteOf(context), duration.TotalMilliseconds, caller?.Owner.Id, caller?.SessionId, tool, RequestNote.OutcomeOf(hasFailed),
            context.TraceIdentifier, RequestNote.Fit(callId));
    }
}
