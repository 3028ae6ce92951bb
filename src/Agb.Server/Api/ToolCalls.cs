using System.Diagnostics;
using System.Text.Json;

namespace Agb.Server;

/// <summary>Runs tools for every route.</summary>
internal static class ToolCalls
{
    /// <summary>Runs a tool. A failed or unknown tool is a result.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired.</exception>
    internal static async Task<ToolResultData> RunAsync(Call call, string sessionId, string name, JsonElement arguments)
    {
        var note = RequestNote.Of(call.Http);
        note.SessionId = sessionId;
        note.Tool = call.Get<ToolCatalog>().Find(name)?.Name ?? "(unknown)";
        // Until the tool has answered.
        note.HasFailed = true;
        // The tool itself finds a missing session.
        call.Owner.RequireNotReleasing(sessionId);
        if (call.Get<ToolCatalog>().Find(name) is not { } tool)
        {
            await call.Service.GetSessionAsync(new SessionId(sessionId), call.Aborted).ConfigureAwait(false);
            var unknown = Unknown(call, name);
            return ToolResultData.FromText(unknown, isError: true) with
            {
                AgbError = WireError.From(new AgbException(AgbErrorIds.NotSupported, AgbErrorKind.InvalidState, unknown, target: name)),
            };
        }
        var began = Stopwatch.GetTimestamp();
        var result = await tool.CallAsync(new ToolCall(call.Service, sessionId, arguments), call.Aborted).ConfigureAwait(false);
        note.HasFailed = result.IsError;
        call.Telemetry.CalledTool(tool.Name, result.IsError, Stopwatch.GetElapsedTime(began));
        return ToolResultData.FromText(result.IsError ? call.Failures.Hide(result.Text) : result.Text, result.IsError) with
        {
            AgbError = result.Error is { } error ? WireError.From(call.Failures.Outward(error, call.Http.TraceIdentifier)) : null,
        };
    }

    private static string Unknown(Call call, string name) =>
        $"There is no tool '{name}'. The tools are: {string.Join(", ", call.Get<ToolCatalog>().Tools.Select(t => t.Name))}.";
}
