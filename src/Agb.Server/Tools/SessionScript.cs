using System.Text;

namespace Agb.Server;

/// <summary>Shell scripts for a tool's work inside the session, with the session's rights. Values are passed as environment
/// variables, so they need no quoting.</summary>
internal static class SessionScript
{
    /// <summary>The most bytes of one answer (64 MiB).</summary>
    internal const int MaxAnswerBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(10);

    /// <summary>Runs a script.</summary>
    /// <exception cref="ToolFailedException">It ended with an error; the message is its stderr.</exception>
    internal static async Task<byte[]> RunAsync(
        ToolCall call, string script, CancellationToken cancellationToken, Stream? input = null, params (string Name, string Value)[] variables)
    {
        var result = await call.Service.RunCommandAsync(
            new SessionId(call.SessionId),
            new AgbCommandRequest
            {
                Command = script,
                Environment = variables.ToDictionary(v => v.Name, v => v.Value),
                Timeout = s_timeout,
                Input = input,
                MaxOutputBytes = MaxAnswerBytes,
            },
            cancellationToken).ConfigureAwait(false);
        if (!result.Success)
        {
            var message = result.TimedOut ? $"Not done within {s_timeout.TotalMinutes:0} minutes." : LimitRules.Complaint(result);
            throw new ToolFailedException(message.Length > 0 ? message : $"The operation ended with exit code {result.ExitCode}.");
        }
        return result.StdoutTruncated
            ? throw TooMuch()
            : result.GetStdoutBytes();
    }

    /// <summary>The error for a too large answer.</summary>
    internal static ToolFailedException TooMuch() => new($"The answer has more than {MaxAnswerBytes / (1024 * 1024)} MiB. Ask for less at a time.");

    /// <summary>Runs a script with text as its answer.</summary>
    internal static async Task<string> TextAsync(
        ToolCall call, string script, CancellationToken cancellationToken, params (string Name, string Value)[] variables) =>
        Encoding.UTF8.GetString(await RunAsync(call, script, cancellationToken, null, variables).ConfigureAwait(false));
}

/// <summary>A failure of a tool's work. Its message is the tool's answer.</summary>
internal sealed class ToolFailedException(string message) : Exception(message);
