namespace Agb.PowerShell;

/// <summary>The base of cmdlets for sessions one after the other, in the order of the pipeline: an action on a screen builds on
/// the one before.</summary>
public abstract class AgbStepCmdlet : AgbServiceCmdlet
{
    /// <summary>The sessions: objects, ids, or objects with a session.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The sessions: objects or ids, also by pipeline.")]
    [Alias("SessionId")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public AgbSessionReference[] Session { get; set; } = [];

    /// <summary>Plans the work on one session; null when the user declines. Runs on the pipeline thread, before the work: values
    /// bound by the record must be read here.</summary>
    private protected abstract Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var session in Session)
        {
            var known = KnownService(session.Service);
            if (session.Context is { } context)
            {
                Report(NoSession(context), context);
            }
            else if (IsPlannable(session, known) && Plan(session) is { } work)
            {
                RunItem(session, token => work(Open(known), token));
            }
        }
    }
}
