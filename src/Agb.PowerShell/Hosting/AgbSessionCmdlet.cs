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

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var session in Session)
        {
            var known = KnownService(session.Service);
            if (Plan(session) is not { } work)
            {
                continue;
            }
            Pump.RunUntil(() => Pump.Running < ThrottleLimit);
            _started++;
            Pump.Start(
                token => work(known ?? ServiceResolver.Default(), token),
                failure =>
                {
                    _ended++;
                    ShowProgress();
                    Report(failure, session);
                });
        }
        Pump.RunReady();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Pump.RunUntil(() => Pump.Running == 0);
        _progress.Complete();
    }

    private void ShowProgress()
    {
        if (_started > 1)
        {
            _progress.Show(MyInvocation.MyCommand.Name, $"{_ended} of {_started} sessions", 100 * _ended / _started);
        }
    }
}
