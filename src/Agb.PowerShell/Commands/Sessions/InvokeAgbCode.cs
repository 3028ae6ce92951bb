using System.Management.Automation;
using System.Text;

namespace Agb.PowerShell.Commands;

/// <summary><c>Invoke-AgbCode</c>: runs code in each session and emits a result for each. An error of the code is data in the
/// result, not an error.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "AgbCode", DefaultParameterSetName = CodeSet)]
[OutputType(typeof(AgbCodeResult), typeof(AgbCodeEvent))]
public sealed class InvokeAgbCodeCommand : AgbSessionCmdlet
{
    private const string CodeSet = "Code";
    private const string FileSet = "File";

    private readonly List<string> _piped = [];
    private bool _isPiped;
    private AgbCodeRequest? _request;

    /// <summary>The code.</summary>
    [Parameter(ParameterSetName = CodeSet, Mandatory = true, Position = 0, ValueFromPipeline = true,
        HelpMessage = "The code; piped lines form one program.")]
    [AllowEmptyString]
    public string Code { get; set; } = "";

    /// <summary>A local file with the code.</summary>
    [Parameter(ParameterSetName = FileSet, Mandatory = true, HelpMessage = "A file of this machine with the code.")]
    [Alias("FilePath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The language.</summary>
    [Parameter(HelpMessage = "The language: Python (py), Javascript (js), Java or R. Default: the language of the file's name, else Python.")]
    [ArgumentCompleter(typeof(LanguageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Language { get; set; }

    /// <summary>The time limit, in seconds.</summary>
    [Parameter(HelpMessage = "Time limit of the code, in seconds. Default: 60.")]
    public double TimeoutSeconds { get; set; } = AgbCodeRequest.DefaultTimeout.TotalSeconds;

    /// <summary>Whether to stream output.</summary>
    [Parameter(HelpMessage = "Emit output and displays of the code at once, with the session; the result follows as the last object.")]
    public SwitchParameter Stream { get; set; }

    private AgbCodeRequest Request =>
        _request ?? throw new InvalidOperationException("The request is made before the work on a session.");

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        var language = Language is null ? (AgbCodeLanguage?)null : CodeLanguage.Parse(Language);
        var bound = MyInvocation.BoundParameters;
        if (bound.ContainsKey(nameof(Path)))
        {
            var file = GetUnresolvedProviderPathFromPSPath(Path);
            _request = Checked(LocalFile.Guard(file, "code file", () => File.ReadAllText(file)), language ?? CodeLanguage.OfFile(file));
        }
        else if (bound.ContainsKey(nameof(Code)))
        {
            _request = Checked(Code, language);
        }
        else
        {
            _isPiped = true;
        }
    });

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_isPiped)
        {
            _piped.Add(Code);
        }
        else
        {
            base.ProcessRecord();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_isPiped)
        {
            RequireValid(() => _request = Checked(
                string.Join('\n', _piped), Language is null ? null : CodeLanguage.Parse(Language)));
            base.ProcessRecord();
        }
        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session) => async (service, token) =>
        Emit(await CallAsync(
            service, $"run {Request.Language} in session '{session}'",
            () => Stream
                ? StreamedCall.RunAsync<AgbCodeEvent, AgbCodeResult>(
                    (events, kill) => service.RunCodeAsync(session.Id, Request with { Events = events }, kill),
                    events => EmitEventsAsync(session, events), token)
                : service.RunCodeAsync(session.Id, Request, token)).ConfigureAwait(false));

    /// <summary>Waits until the pipeline has taken the events, so that a slow pipeline slows the code.</summary>
    private Task EmitEventsAsync(AgbSessionReference session, IReadOnlyList<AgbCodeEvent> events) => Pump.InvokeAsync(() =>
    {
        foreach (var item in events)
        {
            var tagged = PSObject.AsPSObject(item);
            tagged.Properties.Add(new PSNoteProperty("SessionId", session.SessionId));
            WriteObject(tagged);
        }
        return true;
    });

    private AgbCodeRequest Checked(string code, AgbCodeLanguage? language)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidCode, "The code is empty.", target: code);
        }
        if (Encoding.UTF8.GetByteCount(code) is var bytes && bytes > AgbCodeRequest.MaxCodeBytes)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCode, $"The code has {bytes} bytes; at most {AgbCodeRequest.MaxCodeBytes} are allowed.",
                "Put the data of the code into a file of the context.");
        }
        var timeout = Arguments.Seconds(TimeoutSeconds, nameof(TimeoutSeconds));
        if (timeout <= TimeSpan.Zero || timeout > TimeSpan.FromDays(7))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, $"The code's time limit is {timeout.TotalSeconds:0.###} s; expected more than 0 and at most 7 days.");
        }
        return new AgbCodeRequest { Code = code, Language = language ?? AgbCodeLanguage.Python, Timeout = timeout };
    }
}
