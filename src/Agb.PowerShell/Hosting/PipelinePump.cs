using System.Collections.Concurrent;
using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>Runs work on the thread pool and brings what it reports back to the pipeline thread, the only one that may
/// write to the pipeline. All members but <see cref="Post"/>, <see cref="InvokeAsync"/> and <see cref="Stop"/> belong
/// to the pipeline thread.</summary>
internal sealed class PipelinePump(Action? beforeWork = null)
{
    /// <summary>How long a stopped pipeline waits for its work to end: long enough to kill a process tree in a sandbox,
    /// short enough that Ctrl+C never seems dead.</summary>
    private static readonly TimeSpan s_teardownLimit = TimeSpan.FromSeconds(10);

    // Neither is disposed: work that outlives the wait above may still use both.
    private readonly BlockingCollection<Item> _queue = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _abandoned;

    /// <summary>How many pieces of work have not ended.</summary>
    internal int Running { get; private set; }

    /// <summary>Says who listens to the wire of the work that is started next, if anybody.</summary>
    internal Func<Action<string>?>? Listener { get; set; }

    /// <summary>Cancelled when the pipeline stops.</summary>
    internal CancellationToken Token => _stop.Token;

    /// <summary>Cancels all work. Safe from any thread, and again.</summary>
    internal void Stop() => _stop.Cancel();

    /// <summary>Has the pipeline thread do something, in the order of the calls. Safe from any thread.</summary>
    internal void Post(Action action) => _queue.Add(new Item(action, EndsWork: false));

    /// <summary>Has the pipeline thread do something and waits for what it answers. Safe from any thread.</summary>
    internal Task<T> InvokeAsync<T>(Func<T> ask)
    {
        // Without this option what follows the await would run on the pipeline thread, inside the pump.
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                answer.SetResult(ask());
            }
            catch
            {
                // The exception stops the pipeline; for the work that asked, this is a cancellation.
                answer.TrySetCanceled();
                throw;
            }
        });
        // A stopped pump drops its queue, so the answer may never come.
        return answer.Task.WaitAsync(Token);
    }

    /// <summary>Starts a piece of work.</summary>
    /// <param name="work">What to do on the thread pool.</param>
    /// <param name="ended">What the pipeline thread does when the work has ended, with its exception if it failed.</param>
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
            _queue.Add(new Item(() => ended(failure), EndsWork: true));
        });
    }

    /// <summary>Does what was posted until a condition holds, which only what is posted can bring about.</summary>
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

    /// <summary>Does what was posted so far.</summary>
    internal void RunReady()
    {
        while (_queue.TryTake(out var item))
        {
            Execute(item);
        }
    }

    /// <summary>Cancels all work and waits, for a bounded time, until it has ended. What it reports is dropped: a
    /// stopped pipeline takes no output.</summary>
    internal void Abandon()
    {
        Stop();
        if (_abandoned)
        {
            // What did not end in that time then won't be waited for again.
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
            // A command further down the pipeline ended it (Select-Object -First), or an error shall stop it
            // (-ErrorAction Stop). Nobody waits for the rest, so it must not go on unseen.
            Abandon();
            throw;
        }
    }

    private readonly record struct Item(Action Action, bool EndsWork);
}
