namespace Agb.PowerShell;

/// <summary>The child job of an <see cref="AgbCommandJob"/> for one session.</summary>
public sealed class AgbSessionJob : Job
{
    // Not disposed: work that outlives a stop may still use it.
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

    /// <summary>The reason of a failure, or an empty text.</summary>
    public override string StatusMessage => _message;

    /// <inheritdoc/>
    public override bool HasMoreData =>
        Output.Count > 0 || Error.Count > 0 || Verbose.Count > 0 || Warning.Count > 0 || Debug.Count > 0 || Progress.Count > 0;

    /// <summary>Completes when the job has ended.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Kills the command and waits for its end, for a bounded time.</summary>
    public override void StopJob()
    {
        BeginStop();
        Ended.Wait(AgbCommandJob.StopLimit);
    }

    internal void BeginStop() => _stop.Cancel();

    /// <summary>Does the work and sets the final state.</summary>
    internal async Task RunAsync(Func<AgbSessionJob, CancellationToken, Task> work, SemaphoreSlim throttle)
    {
        JobState end;
        try
        {
            await throttle.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                // A slot freed in the instant of the stop may still go to a waiting job.
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
            // Not as the state's reason: Receive-Job would write it as a second error, with another id.
            Error.Add(ErrorMap.ToRecord(e, Location));
            end = JobState.Failed;
        }
        // This closes the streams; all output comes before.
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
