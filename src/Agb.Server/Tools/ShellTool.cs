using System.Text.Json;
using Agb.Protocol;

namespace Agb.Server;

/// <summary>Runs a shell command.</summary>
internal sealed class ShellTool : SessionTool
{
    // timeout(1).
    private const int TimedOutExitCode = 124;

    private const long MostMilliseconds = 7L * 24 * 3600 * 1000;
    private const long DefaultMilliseconds = 60_000;

    internal override string Name => ShellArguments.ToolName;

    internal override string Description => "Runs a shell command in the session. Each call is a new shell; files stay.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{
        "command":{"type":"string","description":"The command line"},
        "timeout_ms":{"type":"integer","minimum":1,"default":60000,"description":"After this time, in milliseconds, the command is killed"},
        "cwd":{"type":"string","description":"The directory to run in; the home directory by default"},
        "envs":{"type":"object","additionalProperties":{"type":"string"},"description":"Environment variables"}},
        "required":["command"]}
        """;

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var result = await call.Service.RunCommandAsync(
            new SessionId(call.SessionId),
            new AgbCommandRequest
            {
                Command = call.Text("command"),
                Timeout = TimeSpan.FromMilliseconds(call.OptionalInteger("timeout_ms", 1, MostMilliseconds) ?? DefaultMilliseconds),
                WorkingDirectory = call.OptionalText("cwd") is { Length: > 0 } directory ? directory : null,
                Environment = call.Map("envs"),
            },
            cancellationToken).ConfigureAwait(false);
        var exitCode = result.TimedOut ? TimedOutExitCode : result.ExitCode;
        var answer = new ShellResult
        {
            Stdout = result.Stdout,
            Stderr = result.TimedOut
                ? $"{result.Stderr}Command execution timeout: killed after {result.Duration.TotalMilliseconds:0} ms.\n"
                : result.LimitReached is { } limit ? $"{result.Stderr}{LimitRules.Reached(limit)}\n" : result.Stderr,
            ExitCode = exitCode,
            TraceId = exitCode == 0 ? null : Guid.NewGuid().ToString("n"),
        };
        return new ToolResult(JsonSerializer.Serialize(answer, WireJson.Default.ShellResult));
    }
}
