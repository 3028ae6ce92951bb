using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Invoke-AgbCommand</c>: runs a command in each of the sessions and emits a result for each. A non-zero
/// exit is data in the result, not an error.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AgbCommand")]
[OutputType(typeof(AgbCommandResult), typeof(AgbCommandOutput), typeof(AgbCommandJob))]
public sealed class InvokeAgbCommandCommand : AgbSessionCmdlet
{
    private readonly List<(AgbSessionReference Session, IAgbService? Known)> _inJob = [];
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

    /// <summary>Whether lines are emitted as they come.</summary>
    [Parameter(HelpMessage = "Emit each line as it comes, with its session and stream; the result follows as the last object.")]
    public SwitchParameter Stream { get; set; }

    /// <summary>Whether to run in the background.</summary>
    [Parameter(HelpMessage = "Return a job at once, with a child job for each session; Receive-Job emits what they emit.")]
    public SwitchParameter AsJob { get; set; }

    private AgbCommandRequest Request =>
        _request ?? throw new InvalidOperationException("The request is made when the command begins.");

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => _request = RequestRules.Command(new AgbCommandRequest
    {
        Command = Command,
        Timeout = Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds)),
        WorkingDirectory = WorkingDirectory,
        Environment = Arguments.Strings(Environment),
    }));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!AsJob)
        {
            base.ProcessRecord();
            return;
        }
        _inJob.AddRange(Session.Select(s => (s, KnownService(s.Service))));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!AsJob)
        {
            base.EndProcessing();
            return;
        }
        if (_inJob.Count > 0)
        {
            var job = new AgbCommandJob(Command, _inJob.Select(s => s.Session.SessionId));
            JobRepository.Add(job);
            job.Start(_inJob.Select(s => WorkOfChild(s.Session, s.Known)), ThrottleLimit);
            WriteObject(job);
        }
    }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) =>
        async (service, token) =>
        {
            var result = await CallAsync(service, What(session), () => RunAsync(service, session, EmitLinesAsync, token)).ConfigureAwait(false);
            Emit(result);
            if (ErrorOnNonZeroExit && !result.Success)
            {
                EmitError(Failure(result), result);
            }
        };

    private static string What(AgbSessionReference session) => $"run command in session '{session}'";

    private Task<AgbCommandResult> RunAsync(
        IAgbService service, AgbSessionReference session, Func<IReadOnlyList<AgbCommandOutput>, Task> pass, CancellationToken token) =>
        Stream
            ? StreamedCall.RunAsync(
                (lines, kill) => service.RunCommandAsync(session.SessionId, Request with { Lines = lines }, kill), pass, token)
            : service.RunCommandAsync(session.SessionId, Request, token);

    /// <summary>Waits until the pipeline has taken the lines, so that a slow one slows the command.</summary>
    private Task EmitLinesAsync(IReadOnlyList<AgbCommandOutput> lines) => Pump.InvokeAsync(() =>
    {
        WriteObject(lines, enumerateCollection: true);
        return true;
    });

    /// <summary>The work of one child. It runs when this cmdlet is long done, so it must not touch the pipeline.</summary>
    private Func<AgbSessionJob, CancellationToken, Task> WorkOfChild(AgbSessionReference session, IAgbService? known) =>
        async (job, token) =>
        {
            var service = Open(known);
            var started = Stopwatch.GetTimestamp();
            var result = await RunAsync(service, session, AddLinesAsync, token).ConfigureAwait(false);
            job.Verbose.Add(new VerboseRecord(CallText.Took(service.Name, What(session), started)));
            job.Output.Add(PSObject.AsPSObject(result));
            if (ErrorOnNonZeroExit && !result.Success)
            {
                job.Error.Add(ErrorMap.ToRecord(Failure(result), result));
            }

            Task AddLinesAsync(IReadOnlyList<AgbCommandOutput> lines)
            {
                foreach (var line in lines)
                {
                    job.Output.Add(PSObject.AsPSObject(line));
                }
                return Task.CompletedTask;
            }
        };

    private static AgbException Failure(AgbCommandResult result)
    {
        var said = LimitRules.Complaint(result);
        var why = result.TimedOut ? $"ran over its time and was killed after {result.Duration.TotalSeconds:0.0} s"
            : $"ended with exit code {result.ExitCode}";
        return new AgbException(
            AgbErrorIds.CommandFailed, result.TimedOut ? AgbErrorKind.Timeout : AgbErrorKind.Failed,
            $"The command in session '{result.SessionId}' {why}{(said.Length == 0 ? "." : $": {said}")}",
            result.TimedOut ? "Raise the limit with -TimeoutSeconds." : null);
    }
}
