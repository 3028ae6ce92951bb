using Agb.Server;

namespace Agb.Server.Tests.Support;

/// <summary>Answers with its arguments; <c>{"fail": true}</c> makes it fail.</summary>
internal sealed class EchoTool : Tool
{
    internal override string Name => "echo";

    internal override string Description => "Answers with its arguments.";

    internal override string InputSchema => """{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}""";

    internal override async Task<ToolResult> CallAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var session = await call.Service.GetSessionAsync(new SessionId(call.SessionId), cancellationToken);
        return new ToolResult($"{session.SessionId} {call.Arguments.GetRawText()}", call.Arguments.TryGetProperty("fail", out _));
    }
}

/// <summary>Runs a command, as the tool <c>shell</c> does in essence.</summary>
internal sealed class CommandTool : Tool
{
    internal override string Name => "command";

    internal override string Description => "Runs a command.";

    internal override string InputSchema => """{"type":"object"}""";

    internal override async Task<ToolResult> CallAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var result = await call.Service.RunCommandAsync(
            new SessionId(call.SessionId), new AgbCommandRequest { Command = call.Arguments.GetProperty("command").GetString()! }, cancellationToken);
        return new ToolResult(result.Output, !result.Success);
    }
}
