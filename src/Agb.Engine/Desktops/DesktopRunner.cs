namespace Agb.Engine;

/// <summary>Runs scripts on the desktops of sessions, and turns their failures into errors.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="reader">Reads sessions.</param>
/// <param name="run">Runs a command in a session.</param>
internal sealed class DesktopRunner(
    EngineParts parts, SessionReader reader, Func<string, AgbCommandRequest, CancellationToken, Task<CommandOutcome>> run)
{
    private const int MaxAnswerBytes = 2 * 1024 * 1024;

    // The session's programs write the last words, as long as they like.
    private const int MaxWordBytes = 2000;

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    /// <summary>The image of a session, required to have a desktop.</summary>
    /// <exception cref="AgbException">NotSupported, SessionNotFound, SessionExpired.</exception>
    internal AgbImage Require(string sessionId)
    {
        var row = reader.Require(sessionId);
        return parts.Images.Get(row.ImageId) is { HasDesktop: true } image
            ? image
            : throw new AgbException(
                AgbErrorIds.NotSupported, AgbErrorKind.InvalidState,
                $"The session '{sessionId}' has no desktop: its image is '{row.ImageId}'.",
                $"Create a session of an image with a desktop: {string.Join(", ", parts.Images.Images.Where(i => i.HasDesktop).Select(i => i.ImageId))}.",
                sessionId);
    }

    /// <summary>Runs scripts, with text as the answer.</summary>
    /// <exception cref="AgbException">The errors of <see cref="IDesktopService"/>.</exception>
    internal async Task<string> TextAsync(string sessionId, string[] scripts, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(await RunAsync(sessionId, Request(scripts, arguments), cancellationToken).ConfigureAwait(false));

    /// <summary>Runs the command of a request.</summary>
    /// <returns>The bytes of its stdout.</returns>
    internal Task<byte[]> RunAsync(string sessionId, AgbCommandRequest request, CancellationToken cancellationToken) =>
        RunAsync(sessionId, request, sessionId, cancellationToken);

    /// <summary>Runs the command of a request.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="request">The request.</param>
    /// <param name="target">The target of errors, unless they are about a window.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The bytes of its stdout.</returns>
    internal async Task<byte[]> RunAsync(string sessionId, AgbCommandRequest request, object target, CancellationToken cancellationToken)
    {
        Require(sessionId);
        var outcome = await run(sessionId, request, cancellationToken).ConfigureAwait(false);
        return outcome.ExitCode == 0 && !outcome.StdoutTruncated ? outcome.Stdout : throw Failure(outcome, request, target);
    }

    /// <summary>The request for scripts.</summary>
    internal static AgbCommandRequest Request(ReadOnlySpan<string> scripts, IReadOnlyList<string> arguments) => new()
    {
        Command = DesktopScript.Command(scripts),
        // With an argument, $0 is the path of the shell.
        Arguments = arguments.Count == 0 ? [""] : arguments,
        WorkingDirectory = "/",
        Timeout = s_timeout,
        MaxOutputBytes = MaxAnswerBytes,
    };

    /// <summary>The error for a failed script.</summary>
    internal static AgbException Failure(CommandOutcome outcome, AgbCommandRequest request, object target)
    {
        var window = Number(request);
        var words = Words(outcome);
        return outcome.ExitCode switch
        {
            DesktopScript.NoWindow => new AgbException(
                AgbErrorIds.WindowNotFound, AgbErrorKind.NotFound, $"The desktop has no window {window}, or it closed meanwhile.",
                "List the windows.", window),
            DesktopScript.NoApp => new AgbException(AgbErrorIds.AppNotFound, AgbErrorKind.NotFound, $"The app did not start. {words}", target: target),
            DesktopScript.NoKey => DesktopKeys.Unknown(words),
            DesktopScript.NotSo => new AgbException(AgbErrorIds.DesktopFailed, AgbErrorKind.Failed, $"The desktop did not carry it out in time. {words}", target: window ?? target),
            _ => new AgbException(
                AgbErrorIds.DesktopFailed, AgbErrorKind.Failed,
                outcome.TimedOut ? $"The desktop did not answer within {s_timeout.TotalSeconds:0} s." : $"The desktop failed: {words}",
                target: window ?? target),
        };
    }

    /// <summary>The message of a failed script.</summary>
    internal static string Words(CommandOutcome outcome) =>
        Encoding.UTF8.GetString(outcome.Stderr.AsSpan(Math.Max(0, outcome.Stderr.Length - MaxWordBytes))).Trim() is { Length: > 0 } words ? words
        : outcome.StdoutTruncated ? "its answer is too long."
        : outcome.LimitReached is { } limit ? LimitRules.Reached(limit)
        : $"a program ended with exit code {outcome.ExitCode}.";

    private static object? Number(AgbCommandRequest request) =>
        request.Arguments[0] is ['0', 'x', .. var digits] && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;
}
