using System.Collections;
using System.Diagnostics;
using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Invoke-AgbCommand</c>: runs a command, or a local script, in each session and emits a result for each. A non-zero
/// exit is data in the result, not an error. The pipeline brings the sessions, or stdin if <c>-Session</c> names them.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AgbCommand", DefaultParameterSetName = CommandSet)]
[OutputType(typeof(AgbCommandResult), typeof(AgbCommandOutput), typeof(AgbCommandJob))]
public sealed class InvokeAgbCommandCommand : AgbSessionCmdlet
{
    private const string CommandSet = "Command";
    private const string FileSet = "FilePath";
    private const string LiteralSet = "LiteralPath";

    // The number of stderr lines repeated in an error, and the characters of each.
    private const int SaidLines = 5;
    private const int SaidCharacters = 500;

    private readonly List<(AgbSessionReference Session, IAgbService? Known)> _inJob = [];
    private AgbCommandRequest? _request;
    private CommandInput? _input;
    private InputWriter? _writer;
    private bool _isPiped;
    private bool _isStarted;
    private bool _isHeldByJob;

    /// <summary>The command line.</summary>
    [Parameter(ParameterSetName = CommandSet, Mandatory = true, Position = 0, HelpMessage = "The command line, for bash -c in the session.")]
    [AllowEmptyString]
    public string Command { get; set; } = "";

    /// <summary>A local script.</summary>
    [Parameter(ParameterSetName = FileSet, Mandatory = true, HelpMessage = "A script of this machine, sent and run by content; its #! line names the interpreter.")]
    [ValidateNotNullOrEmpty]
    public string? FilePath { get; set; }

    /// <summary>A local script by its exact path.</summary>
    [Parameter(ParameterSetName = LiteralSet, Mandatory = true, HelpMessage = "As -FilePath, but without wildcards.")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>The arguments.</summary>
    [Parameter(HelpMessage = "Arguments of the command, as $1, $2 and so on, unchanged.")]
    [Alias("Args")]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[]? ArgumentList { get; set; }

    /// <summary>The stdin of the command.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "Input for the command's stdin: text as lines, bytes unchanged. By pipeline if -Session names the sessions.")]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>A local file for stdin.</summary>
    [Parameter(HelpMessage = "A file of this machine for the command's stdin.")]
    [ValidateNotNullOrEmpty]
    public string? InputPath { get; set; }

    /// <summary>The time limit, in seconds.</summary>
    [Parameter(HelpMessage = "Time limit in seconds; at its end the command and all its processes are killed. Default: 300.")]
    public double TimeoutSeconds { get; set; } = AgbCommandRequest.DefaultTimeout.TotalSeconds;

    /// <summary>The working directory.</summary>
    [Parameter(HelpMessage = "The absolute directory in the session to run in; the home directory unless given.")]
    [AllowEmptyString]
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables.</summary>
    [Parameter(HelpMessage = "Environment variables on top of the image's, such as @{ DEBUG = 1 }.")]
    public Hashtable? Environment { get; set; }

    /// <summary>Whether to report a failure as an error.</summary>
    [Parameter(HelpMessage = "Also write an error when the command fails or runs over its time.")]
    public SwitchParameter ErrorOnNonZeroExit { get; set; }

    /// <summary>Whether to stream output lines.</summary>
    [Parameter(HelpMessage = "Emit each output line at once, with session and stream; the result follows as the last object.")]
    public SwitchParameter Stream { get; set; }

    /// <summary>Whether to run in the background.</summary>
    [Parameter(HelpMessage = "Return a job at once, with a child job for each session; Receive-Job emits the results.")]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The job's name.</summary>
    [Parameter(HelpMessage = "The name of the job from -AsJob.")]
    [ValidateNotNullOrEmpty]
    public string? JobName { get; set; }

    private AgbCommandRequest Request =>
        _request ?? throw new InvalidOperationException("The request is made when the command begins.");

    // The user's text, for results, jobs and messages.
    private string Shown => FilePath ?? LiteralPath ?? Command;

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        if (JobName is not null && !AsJob)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidCommand, "-JobName is given without -AsJob.", "Add -AsJob.", JobName);
        }
        var request = new AgbCommandRequest
        {
            Command = Command,
            Arguments = [.. (ArgumentList ?? []).Select(a => a is null ? "" : LanguagePrimitives.ConvertTo<string>(a))],
            Timeout = Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds)),
            WorkingDirectory = WorkingDirectory,
            Environment = Arguments.Strings(Environment),
        };
        _request = RequestRules.Command(ParameterSetName == CommandSet ? request : ScriptRequest(request));
        BeginInput();
    });

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_isPiped)
        {
            RequireValid(() => RequireInput(InputObject));
            StartEarly();
            _writer?.Add(InputObject);
        }
        else
        {
            StartRecord();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_isPiped)
        {
            StartEarly();
            _writer?.End();
            (_input as InputPipe)?.End();
            (_input as InputSpool)?.End();
            if (!_isStarted)
            {
                StartRecord();
            }
        }
        if (!AsJob)
        {
            base.EndProcessing();
        }
        else if (_inJob.Count > 0)
        {
            StartJob();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!_isHeldByJob)
        {
            _input?.Dispose();
        }
        _writer?.Dispose();
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

    private AgbCommandRequest ScriptRequest(AgbCommandRequest request)
    {
        var script = ScriptFile.Read(SessionState, Shown, isLiteral: LiteralPath is not null);
        if (script.IsMended)
        {
            WriteWarning($"The script '{Shown}' was saved for Windows; the session gets it with Linux line ends (LF), without byte order mark.");
        }
        return script.ToRequest(request);
    }

    private void BeginInput()
    {
        var bound = MyInvocation.BoundParameters;
        var isGiven = bound.ContainsKey(nameof(InputObject));
        _isPiped = !isGiven && MyInvocation.ExpectingInput && bound.ContainsKey(nameof(Session));
        if (InputPath is { } path)
        {
            if (isGiven || _isPiped)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidInput, "The command has input from -InputPath and from the pipeline or -InputObject.", "Give one of them.", path);
            }
            _input = new InputFile(HostPath.Literal(SessionState, path));
        }
        else if (_isPiped && Session.Length == 1 && !AsJob)
        {
            var pipe = new InputPipe();
            (_input, _writer) = (pipe, new InputWriter(bytes => Feed(pipe, bytes)));
        }
        else if (_isPiped || isGiven)
        {
            var spool = new InputSpool();
            (_input, _writer) = (spool, new InputWriter(bytes => spool.Write(bytes.Span)));
            if (isGiven)
            {
                RequireInput(InputObject);
                _writer.AddAll(InputObject);
                _writer.End();
                spool.End();
            }
        }
    }

    // Piped sessions are meant as sessions, but -Session names other ones.
    private static void RequireInput(object? value)
    {
        if ((value is PSObject wrapped ? wrapped.BaseObject : value) is AgbObject given)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidInput, $"An object of the type {given.GetType().Name} is piped in, while -Session names the sessions; expected text or bytes for stdin.",
                "Leave -Session out to run the command in the sessions of the pipeline, or pipe a text of the object.", given);
        }
    }

    /// <summary>Starts a command early if its input comes from the pipeline: both run side by side.</summary>
    private void StartEarly()
    {
        if (!_isStarted && _input is InputPipe)
        {
            StartRecord();
        }
    }

    private void StartRecord()
    {
        _isStarted = true;
        if (AsJob)
        {
            _inJob.AddRange(Session.Select(s => (s, KnownService(s.Service))));
        }
        else
        {
            base.ProcessRecord();
        }
    }

    /// <summary>Passes input to the command, and waits while its buffer is full. An ended command takes no more.</summary>
    private void Feed(InputPipe pipe, ReadOnlyMemory<byte> bytes)
    {
        pipe.Write(bytes.Span);
        var flush = pipe.FlushAsync();
        if (!flush.IsCompleted)
        {
            var isDone = false;
            _ = flush.ContinueWith(_ => Pump.Post(() => isDone = true), TaskScheduler.Default);
            Pump.RunUntil(() => isDone);
        }
        Pump.RunReady();
    }

    private void StartJob()
    {
        var job = new AgbCommandJob(Shown, _inJob.Select(s => s.Session.SessionId), JobName);
        JobRepository.Add(job);
        job.Start(_inJob.Select(s => WorkOfChild(s.Session, s.Known)), ThrottleLimit);
        if (_input is { } input)
        {
            _isHeldByJob = true;
            _ = job.Ended.ContinueWith(_ => input.Dispose(), TaskScheduler.Default);
        }
        WriteObject(job);
    }

    private async Task<AgbCommandResult> RunAsync(
        IAgbService service, AgbSessionReference session, Func<IReadOnlyList<AgbCommandOutput>, Task> pass, CancellationToken token)
    {
        try
        {
            await using var input = _input?.Open();
            var request = Request with { Input = input };
            var result = await (Stream
                ? StreamedCall.RunAsync(
                    (lines, kill) => service.RunCommandAsync(session.Id, request with { Lines = lines }, kill), pass, token)
                : service.RunCommandAsync(session.Id, request, token)).ConfigureAwait(false);
            return result with { Command = Shown };
        }
        finally
        {
            (_input as InputPipe)?.Close();
        }
    }

    /// <summary>Waits until the pipeline has taken the lines, so that a slow pipeline slows the command.</summary>
    private Task EmitLinesAsync(IReadOnlyList<AgbCommandOutput> lines) => Pump.InvokeAsync(() =>
    {
        WriteObject(lines, enumerateCollection: true);
        return true;
    });

    /// <summary>The work of a child job. It outlives this cmdlet, so it must not touch the pipeline.</summary>
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
        var said = LimitRules.Complaint(result, TextLines.Last(result.Stderr, SaidLines, SaidCharacters));
        var why = result.TimedOut ? $"ran over its time and was killed after {result.Duration.TotalSeconds:0.0} s"
            : $"ended with exit code {result.ExitCode}";
        return new AgbException(
            AgbErrorIds.CommandFailed, result.TimedOut ? AgbErrorKind.Timeout : AgbErrorKind.Failed,
            $"The command in session '{result.SessionId}' {why}{(said.Length == 0 ? "." : said.Contains('\n') ? $":\n{said}" : $": {said}")}",
            result.TimedOut ? "Raise the limit with -TimeoutSeconds." : null);
    }
}
