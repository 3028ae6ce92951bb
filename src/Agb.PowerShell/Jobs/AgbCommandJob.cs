namespace Agb.PowerShell;

/// <summary>A background command in one or more sessions, with a child job for each. It has failed when a child could not run; a
/// non-zero exit is data in the result.</summary>
public sealed class AgbCommandJob : Job
{
    internal const string TypeName = "AgbCommand";

    /// <summary>The time limit of a stop: the same as for a stopped pipeline.</summary>
    internal static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private Task _ended = Task.CompletedTask;

    internal AgbCommandJob(string command, IEnumerable<string> sessionIds, string? name)
        : base(command, name)
    {
        PSJobTypeName = TypeName;
        foreach (var id in sessionIds)
        {
            ChildJobs.Add(new AgbSessionJob(command, id));
        }
    }

    /// <summary>The sessions.</summary>
    public override string Location => string.Join(',', ChildJobs.Select(c => c.Location));

    /// <summary>The reasons of failed children, or an empty text.</summary>
    public override string StatusMessage =>
        string.Join(' ', ChildJobs.Select(c => c.StatusMessage).Where(m => m.Length > 0).Distinct());

    /// <inheritdoc/>
    public override bool HasMoreData => ChildJobs.Any(c => c.HasMoreData);

    /// <summary>Completes when all children have ended.</summary>
    internal Task Ended => _ended;

    private IEnumerable<AgbSessionJob> Children => ChildJobs.OfType<AgbSessionJob>();

    /// <summary>Kills the commands and waits for their end, for at most <see cref="StopLimit"/>.</summary>
    public override void StopJob()
    {
        // Waiting children first: the end of a running command starts the next one.
        foreach (var child in Children.OrderBy(c => c.JobStateInfo.State == JobState.Running))
        {
            child.BeginStop();
        }
        // This job's state follows the states of its children. A handler of that state change must not wait for the end of its
        // own notification.
        if (JobStateInfo.State is JobState.NotStarted or JobState.Running)
        {
            _ended.Wait(StopLimit);
        }
    }

    /// <summary>Starts the children, up to the throttle limit at once.</summary>
    internal void Start(IEnumerable<Func<AgbSessionJob, CancellationToken, Task>> works, int throttleLimit)
    {
        SetJobState(JobState.Running);
        // Otherwise the commands would go on unseen in their sessions after an exit of PowerShell.
        AppDomain.CurrentDomain.ProcessExit += StopAtExit;
        var throttle = new SemaphoreSlim(throttleLimit);
        _ended = EndAsync(Task.WhenAll(Children.Zip(works, (child, work) => Task.Run(() => child.RunAsync(work, throttle)))));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            foreach (var child in ChildJobs)
            {
                child.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    private async Task EndAsync(Task children)
    {
        await children.ConfigureAwait(false);
        AppDomain.CurrentDomain.ProcessExit -= StopAtExit;
        var states = ChildJobs.Select(c => c.JobStateInfo.State).ToArray();
        SetJobState(
            states.Contains(JobState.Failed) ? JobState.Failed
            : states.Contains(JobState.Stopped) ? JobState.Stopped
            : JobState.Completed);
    }

    private void StopAtExit(object? sender, EventArgs e) => StopJob();
}
