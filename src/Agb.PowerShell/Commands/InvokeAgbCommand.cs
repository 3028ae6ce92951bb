using System.Collections;
using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Invoke-AgbCommand</c>: runs a command in each of the sessions and emits a result for each. A non-zero
/// exit is data in the result, not an error.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AgbCommand")]
[OutputType(typeof(AgbCommandResult))]
public sealed class InvokeAgbCommandCommand : AgbSessionCmdlet
{
    private AgbCommandRequest? _request;

    /// <summary>The command line.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The command line, for bash -c in the session.")]
    [AllowEmptyString]
    public string Command { get; set; } = "";

    /// <summary>The time limit.</summary>
    [Parameter(HelpMessage = "After so many seconds the command and all that it started is killed; 300 unless given.")]
    public double TimeoutSeconds { get; set; } = AgbCommandRequest.DefaultTimeout.TotalSeconds;

    /// <summary>Where to run.</summary>
    [Parameter(HelpMessage = "The absolute directory in the session to run in; the home directory unless given.")]
    [AllowEmptyString]
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables.</summary>
    [Parameter(HelpMessage = "Environment variables on top of the image's, such as @{ DEBUG = 1 }.")]
    public Hashtable? Environment { get; set; }

    /// <summary>Whether failure is an error.</summary>
    [Parameter(HelpMessage = "Also write an error when the command fails or runs over its time.")]
    public SwitchParameter ErrorOnNonZeroExit { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => _request = RequestRules.Command(new AgbCommandRequest
    {
        Command = Command,
        Timeout = Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds)),
        WorkingDirectory = WorkingDirectory,
        Environment = Arguments.Strings(Environment),
    }));

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var request = _request ?? throw new InvalidOperationException("The request is made when the command begins.");
        return async (service, token) =>
        {
            var result = await CallAsync(
                service, $"run command in session '{session}'",
                () => service.RunCommandAsync(session.SessionId, request, token)).ConfigureAwait(false);
            Emit(result);
            if (ErrorOnNonZeroExit && !result.Success)
            {
                EmitError(Failure(result), result);
            }
        };
    }

    private static AgbException Failure(AgbCommandResult result)
    {
        var said = result.Stderr.Trim();
        var why = result.TimedOut ? $"ran over its time and was killed after {result.Duration.TotalSeconds:0.0} s"
            : $"ended with exit code {result.ExitCode}";
        return new AgbException(
            AgbErrorIds.CommandFailed, result.TimedOut ? AgbErrorKind.Timeout : AgbErrorKind.Failed,
            $"The command in session '{result.SessionId}' {why}{(said.Length == 0 ? "." : $": {said}")}",
            result.TimedOut ? "Raise the limit with -TimeoutSeconds." : null);
    }
}
