namespace Agb.Store;

/// <summary>A background task, concurrent with the caller's next steps.</summary>
internal sealed class BackgroundTask : IDisposable
{
    private readonly Task _work;

    /// <summary>Starts the work.</summary>
    /// <param name="aside">Whether the work justifies a separate thread; otherwise it runs at once.</param>
    /// <param name="work">The work; until <see cref="Finish"/> it must not touch data changed by the caller.</param>
    internal BackgroundTask(bool aside, Action work)
    {
        if (aside)
        {
            _work = Task.Run(work);
            return;
        }
        work();
        _work = Task.CompletedTask;
    }

    /// <summary>Waits for the work, and throws its error.</summary>
    internal void Finish() => _work.GetAwaiter().GetResult();

    /// <summary>Waits for the work after a failure of the caller; its own error is ignored.</summary>
    public void Dispose() => _work.ContinueWith(static w => _ = w.Exception, TaskScheduler.Default).GetAwaiter().GetResult();
}
