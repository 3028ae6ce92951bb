namespace Agb.Store;

/// <summary>Work that is done beside what follows.</summary>
internal sealed class SideWork : IDisposable
{
    private readonly Task _work;

    /// <summary>Begins it.</summary>
    /// <param name="aside">Whether it is enough for a thread of its own; else it is done at once.</param>
    /// <param name="work">The work, which touches nothing that the caller changes before <see cref="Finish"/>.</param>
    internal SideWork(bool aside, Action work)
    {
        if (aside)
        {
            _work = Task.Run(work);
            return;
        }
        work();
        _work = Task.CompletedTask;
    }

    /// <summary>Waits for it; its error is the caller's.</summary>
    internal void Finish() => _work.GetAwaiter().GetResult();

    /// <summary>Waits for it where the caller failed by itself, and so does not ask what became of it.</summary>
    public void Dispose() => _work.ContinueWith(static w => _ = w.Exception, TaskScheduler.Default).GetAwaiter().GetResult();
}
