using System.Management.Automation;
using Agb.PowerShell.Completers;

namespace Agb.PowerShell.Hosting;

/// <summary>The base of the cmdlets that do one thing to each of many sessions: at most <see cref="ThrottleLimit"/> at
/// once, results as they come, and one session's failure neither stops nor hides the others.</summary>
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

    /// <summary>The sessions: objects, ids, or objects that tell of a session.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The sessions: objects or ids, also by pipeline.")]
    [Alias("SessionId")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public AgbSessionReference[] Session { get; set; } = [];

    /// <summary>How many sessions are worked on at once.</summary>
    [Parameter(HelpMessage = "How many sessions are worked on at once; 5 unless given.")]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>Says what to do to one session, or null when the user does not want it done. Runs on the pipeline thread,
    /// before any of that work: what the record bound must be read here, not in the work.</summary>
    private protected abstract Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session);

    /// <summary>Whether a context stands for the sessions that mount it: not where it could be meant for itself.</summary>
    private protected virtual bool TakesContexts => false;

    /// <summary>What the work has done so far, for the progress display, or null.</summary>
    private protected virtual string? Done => null;

    /// <summary>How much of the work that is, in percent, or null while that is not known.</summary>
    private protected virtual int? DonePercent => null;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _progress.Around(Start);

    /// <inheritdoc/>
    protected override void EndProcessing() => _progress.Around(() =>
    {
        Pump.RunUntil(() => Pump.Running == 0);
        _progress.Complete();
    });

    /// <summary>Shows how far the work is; the display itself sees to it that this is not too often. Belongs to the pipeline
    /// thread.</summary>
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
            if ((IsWhatIf && !TryItem(session, token => CallAsync(
                    known ?? Open(known), $"get session '{session}'", () => Open(known).GetSessionAsync(session.SessionId, token))))
                || Plan(session) is not { } work)
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

    /// <summary>The session itself, or those that mount the context given in its place.</summary>
    private IReadOnlyList<AgbSessionReference> Mounting(AgbSessionReference given)
    {
        if (given.Context is not { } reference)
        {
            return [given];
        }
        if (!TakesContexts)
        {
            Report(
                AgbErrors.Invalid(
                    AgbErrorIds.InvalidRequest, $"The context '{reference}' is given where a session is expected.",
                    "Get-AgbSession -Context gives the sessions that mount a context.", reference.Text),
                reference);
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
