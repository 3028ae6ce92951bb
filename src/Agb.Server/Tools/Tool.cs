using System.Text.Json;

namespace Agb.Server.Tools;

/// <summary>What a tool is called with.</summary>
/// <param name="Service">The owner's service.</param>
/// <param name="SessionId">A session of that owner.</param>
/// <param name="Arguments">A JSON object.</param>
internal sealed record ToolCall(IAgbService Service, string SessionId, JsonElement Arguments);

/// <summary>What a tool answers.</summary>
/// <param name="Text">The text of its only content item.</param>
/// <param name="IsError">Whether the tool failed.</param>
internal sealed record ToolResult(string Text, bool IsError = false);

/// <summary>One tool of sessions. A tool keeps no state that is not in the session, except in thread-safe fields.</summary>
internal abstract class Tool
{
    /// <summary>The name that clients call it by.</summary>
    internal abstract string Name { get; }

    /// <summary>What it does, for people and models.</summary>
    internal abstract string Description { get; }

    /// <summary>The JSON Schema of its arguments.</summary>
    internal abstract string InputSchema { get; }

    /// <summary>Runs the tool. Errors of the tool are results; AgbException is thrown only for what is wrong with the session
    /// (SessionNotFound, SessionNotRunning, SessionExpired).</summary>
    internal abstract Task<ToolResult> CallAsync(ToolCall call, CancellationToken cancellationToken);
}
