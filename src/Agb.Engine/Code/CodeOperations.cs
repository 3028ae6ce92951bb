using System.Security.Cryptography;

namespace Agb.Engine;

/// <summary>Runs code in sessions.</summary>
internal sealed class CodeOperations(EngineParts parts, CommandOperations commands)
{
    private const int MarkBytes = 16;

    /// <summary>Runs a valid request.</summary>
    internal async Task<AgbCodeResult> RunAsync(string sessionId, AgbCodeRequest request, CancellationToken cancellationToken)
    {
        var mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(MarkBytes));
        using var output = new CodeOutput(Encoding.ASCII.GetBytes($"\0{mark}\0"), request.Events);
        using var code = new MemoryStream(Encoding.UTF8.GetBytes(CodeLanguages.Prepare(request.Language, request.Code)));
        var outcome = await commands.RunAsync(
            sessionId,
            new AgbCommandRequest
            {
                Command = CodeLanguages.Command(request.Language),
                Environment = new Dictionary<string, string> { ["AGB_RUNNER"] = CodeLanguages.Runner(request.Language), ["AGB_MARK"] = mark },
                Timeout = request.Timeout,
                MaxOutputBytes = 0,
                Input = code,
            },
            output,
            cancellationToken).ConfigureAwait(false);
        var answer = output.Answer;
        if (outcome.ExitCode == CodeLanguages.NoInterpreter && answer is null && output.Stdout.Length == 0)
        {
            var program = CodeLanguages.Program(request.Language);
            throw new AgbException(
                AgbErrorIds.LanguageNotFound, AgbErrorKind.InvalidState,
                $"The session has no {program}; {request.Language} code needs it.",
                $"Use an image that has {program}, or install it on this host.", request.Language);
        }
        AgbCodeOutput[] results = [.. (answer?.Results ?? []).Select(r => new AgbCodeOutput { IsMainResult = r.Main, Mime = r.Mime })];
        await output.CompleteAsync(results, cancellationToken).ConfigureAwait(false);
        return new AgbCodeResult
        {
            Service = parts.Service,
            SessionId = sessionId,
            Language = request.Language,
            Stdout = output.Stdout,
            Stderr = output.Stderr,
            Results = results,
            Error = Error(request, outcome, output, answer),
            TimedOut = outcome.TimedOut,
            ExecutionCount = answer?.Count ?? (outcome.TimedOut ? 0 : 1),
            Duration = outcome.Duration,
        };
    }

    private static string? Error(AgbCodeRequest request, CommandOutcome outcome, CodeOutput output, CodeAnswer? answer)
    {
        if (outcome.TimedOut)
        {
            return $"The code was ended after its time limit of {request.Timeout.TotalSeconds:0.###} s.";
        }
        if (output.IsTooLarge)
        {
            return $"The results of the code have more than {AgbCodeResult.MaxResultBytes} bytes; write large data to a file and read it from there.";
        }
        if (answer is null && outcome.LimitReached is { } limit)
        {
            return $"{(output.Stderr.Length > 0 ? output.Stderr.TrimEnd() + "\n" : "")}{LimitRules.Reached(limit)}";
        }
        if (answer is not null)
        {
            return answer.Error;
        }
        if (outcome.ExitCode == 0 && !CodeLanguages.Answers(request.Language))
        {
            return null;
        }
        // Compilers and virtual machines report errors on stderr.
        var ending = outcome.Signal is { } signal
            ? $"The interpreter was ended by signal {signal}."
            : $"The interpreter ended with exit code {outcome.ExitCode}.";
        return output.Stderr.Length > 0 ? $"{output.Stderr.TrimEnd()}\n{ending}" : ending;
    }
}
