using System.Text.Json;

namespace Agb.Server;

/// <summary>A tool call.</summary>
/// <param name="Service">The owner's service.</param>
/// <param name="SessionId">A session of that owner.</param>
/// <param name="Arguments">A JSON object.</param>
internal sealed record ToolCall(IAgbService Service, string SessionId, JsonElement Arguments);

/// <summary>The answer of a tool.</summary>
/// <param name="Text">The text of its only content item.</param>
/// <param name="IsError">Whether the tool failed.</param>
internal sealed record ToolResult(string Text, bool IsError = false)
{
    /// <summary>The error of a failed tool, for our own clients; null for one without an id.</summary>
    internal AgbException? Error { get; init; }
}

/// <summary>One tool of sessions. Its state is in the session, or in thread-safe fields.</summary>
internal abstract class Tool
{
    /// <summary>The name for clients.</summary>
    internal abstract string Name { get; }

    /// <summary>The description for people and models.</summary>
    internal abstract string Description { get; }

    /// <summary>The JSON Schema of its arguments.</summary>
    internal abstract string InputSchema { get; }

    /// <summary>Whether sessions of an image offer the tool; null for an unknown image.</summary>
    internal virtual bool IsFor(AgbImage? image) => true;

    /// <summary>Runs the tool. Errors of the tool are results; AgbException is only for problems of the session (SessionNotFound,
    /// SessionNotRunning, SessionExpired).</summary>
    internal abstract Task<ToolResult> CallAsync(ToolCall call, CancellationToken cancellationToken);
}
