using System.Management.Automation;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell;

/// <summary>The part of an <see cref="AgbCommandJob"/> that runs in one session.</summary>
public sealed class AgbSessionJob : Job
{
    // Disposed of by nobody: work that outlives a stop may still use it.
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _message = "";

    internal AgbSessionJob(string command, string sessionId)
        : base(command)
    {
        Location = sessionId;
        PSJobTypeName = AgbCommandJob.TypeName;
    }

    /// <summary>The session.</summary>
    public override string Location { get; }

    /// <summary>Why the job failed, or nothing.</summary>
    public override string StatusMessage => _message;

    /// <inheritdoc/>
    public override bool HasMoreData =>
        Output.Count > 0 || Error.Count > 0 || Verbose.Count > 0 || Warning.Count > 0 || Debug.Count > 0 || Progress.Count > 0;

    /// <summary>Ends when the job has ended.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Kills the command and waits, for a bounded time, until it has ended.</summary>
    public override void StopJob()
    {
        BeginStop();
        Ended.Wait(AgbCommandJob.StopLimit);
    }

    internal void BeginStop() => _stop.Cancel();

    /// <summary>Does the work and sets the state that it ended with.</summary>
    internal async Task RunAsync(Func<AgbSessionJob, CancellationToken, Task> work, SemaphoreSlim throttle)
    {
        JobState end;
        try
        {
            await throttle.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                // A place that becomes free in the instant of the stop is still given to one that waits.
                _stop.Token.ThrowIfCancellationRequested();
                SetJobState(JobState.Running);
                await work(this, _stop.Token).ConfigureAwait(false);
                end = JobState.Completed;
            }
            finally
            {
                throttle.Release();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            end = JobState.Stopped;
        }
        catch (Exception e)
        {
            _message = e.Message;
            // Not as the state's reason: Receive-Job would write that as one more error, with an id of its own.
            Error.Add(ErrorMap.ToRecord(e, Location));
            end = JobState.Failed;
        }
        // The streams are closed with this; all output comes before.
        SetJobState(end);
        _ended.SetResult();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !Ended.IsCompleted)
        {
            StopJob();
        }
        base.Dispose(disposing);
    }
}
