using System.Collections.Concurrent;

namespace Agb.PowerShell;

/// <summary>Runs work on the thread pool and passes its output to the pipeline thread, the only thread with access to the
/// pipeline. All members but <see cref="Post"/>, <see cref="InvokeAsync"/> and <see cref="Stop"/> belong to the pipeline
/// thread.</summary>
internal sealed class PipelinePump(Action? beforeWork = null, Action? afterWork = null)
{
    /// <summary>The time limit for the end of work after a stop: long enough to kill a process tree in a sandbox, short enough
    /// that Ctrl+C never seems dead.</summary>
    private static readonly TimeSpan s_teardownLimit = TimeSpan.FromSeconds(10);

    // Neither is disposed: work that outlives the wait above may still use both.
    private readonly BlockingCollection<Item> _queue = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _abandoned;

    /// <summary>The number of running pieces of work.</summary>
    internal int Running { get; private set; }

    /// <summary>Returns the wire trace listener for the next piece of work, or null.</summary>
    internal Func<Action<string>?>? Listener { get; set; }

    /// <summary>Cancelled when the pipeline stops.</summary>
    internal CancellationToken Token => _stop.Token;

    /// <summary>Cancels all work. Safe from any thread, and safe to repeat.</summary>
    internal void Stop() => _stop.Cancel();

    /// <summary>Queues an action for the pipeline thread, in the order of the calls. Safe from any thread.</summary>
    internal void Post(Action action) => _queue.Add(new Item(action, EndsWork: false));

    /// <summary>Runs a function on the pipeline thread and waits for its result. Safe from any thread.</summary>
    internal Task<T> InvokeAsync<T>(Func<T> ask)
    {
        // Without this option the continuation would run on the pipeline thread, inside the pump.
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                answer.SetResult(ask());
            }
            catch
            {
                // The exception stops the pipeline; for the calling work this is a cancellation.
                answer.TrySetCanceled();
                throw;
            }
        });
        // A stopped pump drops its queue, so the answer may never come.
        return answer.Task.WaitAsync(Token);
    }

    /// <summary>Starts a piece of work.</summary>
    /// <param name="work">The work for the thread pool.</param>
    /// <param name="ended">Runs on the pipeline thread at the end of the work, with its exception if it failed.</param>
    internal void Start(Func<CancellationToken, Task> work, Action<Exception?> ended)
    {
        Running++;
        beforeWork?.Invoke();
        var listener = Listener?.Invoke();
        _ = Task.Run(async () =>
        {
            Exception? failure = null;
            WireTrace.Listen(listener);
            try
            {
                await work(Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e;
            }
            _queue.Add(new Item(End, EndsWork: true));

            void End()
            {
                afterWork?.Invoke();
                ended(failure);
            }
        });
    }

    /// <summary>Runs posted actions until a condition holds. Only such an action can change the condition.</summary>
    internal void RunUntil(Func<bool> done)
    {
        while (!done())
        {
            Item item;
            try
            {
                item = _queue.Take(Token);
            }
            catch (OperationCanceledException)
            {
                Abandon();
                throw new PipelineStoppedException();
            }
            Execute(item);
        }
    }

    /// <summary>Runs the actions posted so far.</summary>
    internal void RunReady()
    {
        while (_queue.TryTake(out var item))
        {
            Execute(item);
        }
    }

    /// <summary>Cancels all work and waits for its end, for a bounded time. Its output is dropped: a stopped pipeline takes
    /// none.</summary>
    internal void Abandon()
    {
        Stop();
        if (_abandoned)
        {
            // Work beyond that limit is not waited for again.
            return;
        }
        _abandoned = true;
        var deadline = Environment.TickCount64 + (long)s_teardownLimit.TotalMilliseconds;
        while (Running > 0
            && _queue.TryTake(out var item, (int)Math.Max(0, deadline - Environment.TickCount64)))
        {
            Running -= item.EndsWork ? 1 : 0;
        }
    }

    private void Execute(Item item)
    {
        Running -= item.EndsWork ? 1 : 0;
        try
        {
            item.Action();
        }
        catch
        {
            // The pipeline was ended by a later command (Select-Object -First) or stopped by an error (-ErrorAction Stop). The
            // rest of the work has no reader, so it must not go on unseen.
            Abandon();
            throw;
        }
    }

    private readonly record struct Item(Action Action, bool EndsWork);
}
