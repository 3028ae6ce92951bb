using System.Management.Automation;

namespace Agb.PowerShell;

/// <summary>A command that runs in the background in one or more sessions, with a child job for each. It has failed when one
/// of them could not be run; a non-zero exit is data in the result.</summary>
public sealed class AgbCommandJob : Job
{
    internal const string TypeName = "AgbCommand";

    /// <summary>How long a stop waits until the commands have ended: as long as a stopped pipeline does.</summary>
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

    /// <summary>Why children failed, or nothing.</summary>
    public override string StatusMessage =>
        string.Join(' ', ChildJobs.Select(c => c.StatusMessage).Where(m => m.Length > 0).Distinct());

    /// <inheritdoc/>
    public override bool HasMoreData => ChildJobs.Any(c => c.HasMoreData);

    /// <summary>Ends when all children have ended.</summary>
    internal Task Ended => _ended;

    private IEnumerable<AgbSessionJob> Children => ChildJobs.OfType<AgbSessionJob>();

    /// <summary>Kills the commands and waits, for a bounded time, until they have ended.</summary>
    public override void StopJob()
    {
        // Those that wait come first: a command that ends makes room for the next one.
        foreach (var child in Children.OrderBy(c => c.JobStateInfo.State == JobState.Running))
        {
            child.BeginStop();
        }
        // This job's own state follows those of its children. Whoever is told of that state must not wait for the telling's end.
        if (JobStateInfo.State is JobState.NotStarted or JobState.Running)
        {
            _ended.Wait(StopLimit);
        }
    }

    /// <summary>Starts the children, at most so many at once.</summary>
    internal void Start(IEnumerable<Func<AgbSessionJob, CancellationToken, Task>> works, int throttleLimit)
    {
        SetJobState(JobState.Running);
        // Without this an exit of PowerShell would leave the commands running in their sessions, and nobody to see it.
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
