namespace Agb.PowerShell;

/// <summary>The base of cmdlets for many sessions: at most <see cref="ThrottleLimit"/> at once, results in order of completion,
/// and a failure of one session neither stops nor hides the others.</summary>
public abstract class AgbSessionCmdlet : AgbServiceCmdlet
{
    private readonly ProgressMeter _progress;
    private int _started;
    private int _ended;

    /// <summary>Prepares the progress display.</summary>
    protected AgbSessionCmdlet()
    {
        _progress = new ProgressMeter(WriteProgress);
    }

    /// <summary>The sessions: objects, ids, or objects with a session.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The sessions: objects or ids, also by pipeline.")]
    [Alias("SessionId")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public AgbSessionReference[] Session { get; set; } = [];

    /// <summary>The number of sessions worked on at once.</summary>
    [Parameter(HelpMessage = "Maximum number of sessions to work on at once. Default: 5.")]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>Plans the work on one session; null when the user declines. Runs on the pipeline thread, before the work: values
    /// bound by the record must be read here.</summary>
    private protected abstract Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session);

    /// <summary>Whether a context is accepted for the sessions mounting it: not where the context itself could be
    /// meant.</summary>
    private protected virtual bool TakesContexts => false;

    /// <summary>The work done so far, for the progress display, or null.</summary>
    private protected virtual string? Done => null;

    /// <summary>The share of the work done, in percent; null while unknown.</summary>
    private protected virtual int? DonePercent => null;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _progress.Around(Start);

    /// <inheritdoc/>
    protected override void EndProcessing() => _progress.Around(() =>
    {
        Pump.RunUntil(() => Pump.Running == 0);
        _progress.Complete();
    });

    /// <summary>Shows the progress; the display limits its own rate. Belongs to the pipeline thread.</summary>
    private protected void ShowProgress()
    {
        var done = Done;
        if (_started > 1)
        {
            var sessions = $"{_ended} of {_started} sessions";
            _progress.Show(MyInvocation.MyCommand.Name, done is null ? sessions : $"{sessions}, {done}", 100 * _ended / _started);
        }
        else if (done is not null)
        {
            _progress.Show(MyInvocation.MyCommand.Name, done, DonePercent ?? -1);
        }
    }

    private void Start()
    {
        foreach (var session in Session.SelectMany(Mounting))
        {
            var known = KnownService(session.Service);
            if (!IsPlannable(session, known) || Plan(session) is not { } work)
            {
                continue;
            }
            Pump.RunUntil(() => Pump.Running < ThrottleLimit);
            _started++;
            Pump.Start(
                token => work(Open(known), token),
                failure =>
                {
                    _ended++;
                    ShowProgress();
                    Report(failure, session);
                });
        }
        Pump.RunReady();
    }

    /// <summary>The session itself, or the sessions mounting the given context.</summary>
    private IReadOnlyList<AgbSessionReference> Mounting(AgbSessionReference given)
    {
        if (given.Context is not { } reference)
        {
            return [given];
        }
        if (!TakesContexts)
        {
            Report(NoSession(reference), reference);
            return [];
        }
        var known = KnownService(given.Service);
        var found = new List<AgbSessionReference>();
        var isDone = TryItem(reference, async token =>
        {
            var service = Open(known);
            await foreach (var session in service.ListSessionsAsync(null, token).ConfigureAwait(false))
            {
                if (session.ContextSyncs.Any(s => s.ContextId == reference.Text))
                {
                    found.Add(new AgbSessionReference(session) { Context = reference });
                }
            }
        });
        if (isDone && found.Count == 0)
        {
            WriteWarning($"No session mounts the context '{reference}'.");
        }
        return found;
    }
}
