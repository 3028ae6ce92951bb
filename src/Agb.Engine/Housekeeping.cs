namespace Agb.Engine;

/// <summary>Background work of a service: recovery after dead processes, release of expired sessions, removal of unused layers.
/// Calls never wait for it, and it ends with the service.</summary>
internal sealed class Housekeeping : IDisposable
{
    /// <summary>Maximum number of concurrent releases.</summary>
    private const int MostReleases = 4;

    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(15);

    private readonly EngineParts _parts;
    private readonly EngineRecovery _recovery;
    private readonly SessionSweeper _sweeper;
    private readonly SessionReleaser _releaser;
    private readonly SessionSuspender _suspender;
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _releases = new(MostReleases);
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _timer;
    private int _isRecovering;
    private bool _isDisposed;

    internal Housekeeping(EngineParts parts, SessionSweeper sweeper, SessionReleaser releaser, SessionSuspender suspender, StagingRecovery staging)
    {
        (_parts, _sweeper, _releaser, _suspender) = (parts, sweeper, releaser, suspender);
        _recovery = new EngineRecovery(parts, staging);
        _timer = parts.Time.CreateTimer(_ => Sweep(), null, s_sweepEvery, s_sweepEvery);
        AppDomain.CurrentDomain.ProcessExit += EndWithProcess;
    }

    /// <summary>Starts recovery and a sweep at the first call; does nothing afterwards.</summary>
    internal void Begin()
    {
        if (Interlocked.Exchange(ref _isRecovering, 1) == 0)
        {
            Run("recovery", "cleaning up after dead processes", async () =>
            {
                try
                {
                    await _recovery.RunAsync().ConfigureAwait(false);
                }
                catch
                {
                    // The next sweep tries again.
                    Volatile.Write(ref _isRecovering, 0);
                    throw;
                }
                Sweep();
            });
        }
    }

    /// <summary>Runs recovery and a sweep at once, and waits for all background work.</summary>
    /// <exception cref="AgbException">Errors of the store.</exception>
    internal async Task RecoverAsync()
    {
        Interlocked.Exchange(ref _isRecovering, 1);
        await SettleAsync().ConfigureAwait(false);
        await _recovery.RunAsync().ConfigureAwait(false);
        Sweep();
        await SettleAsync().ConfigureAwait(false);
    }

    /// <summary>Starts a search for sessions to release or suspend, unless one is running.</summary>
    internal void Sweep()
    {
        Begin();
        Run("sweep", "looking for sessions to release", () => _sweeper.SweepAsync(Release, Suspend, _closing.Token));
    }

    /// <summary>Starts the release of an expired session, unless it is running.</summary>
    internal void Release(string sessionId) => Run("session " + sessionId, $"releasing the session {sessionId}", async () =>
    {
        await _releases.WaitAsync(_closing.Token).ConfigureAwait(false);
        try
        {
            if (_sweeper.FindDue(sessionId) is { } row)
            {
                // Not cancelled at close: the session would stay Failed.
                await _releaser.ReleaseDueAsync(sessionId, _sweeper.EndOf(row)).ConfigureAwait(false);
            }
        }
        finally
        {
            _releases.Release();
        }
    });

    /// <summary>Starts the suspension of an idle session, unless it is running.</summary>
    internal void Suspend(string sessionId) => Run(
        "session " + sessionId, $"suspending the session {sessionId}", () => _suspender.SuspendIdleAsync(sessionId, _closing.Token));

    /// <summary>Starts the removal of unused layers, unless it is running.</summary>
    internal void Collect() => Run("collection", "removing unused layers", () =>
    {
        _parts.LayerGc.RemoveCondemned();
        return Task.CompletedTask;
    });

    /// <summary>Waits until no background work is left.</summary>
    internal async Task SettleAsync()
    {
        while (_running.Values.ToArray() is { Length: > 0 } running)
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for background work and its follow-ups up to the close timeout, then cancels the cancellable
    /// rest.</summary>
    /// <returns>Whether all work has ended.</returns>
    internal bool Close()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProcess;
        if (_isDisposed)
        {
            return true;
        }
        _timer.Dispose();
        var isSettled = SettleAsync().Wait(_parts.Options.CloseTimeout);
        _closing.Cancel();
        return isSettled;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _timer.Dispose();
        _releases.Dispose();
        _closing.Dispose();
    }

    // Otherwise each process of one short pipeline would abort the work started by its first call.
    private void EndWithProcess(object? sender, EventArgs e) => Close();

    private void Run(string name, string doing, Func<Task> work)
    {
        if (_isDisposed || _closing.IsCancellationRequested)
        {
            return;
        }
        var begin = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        begin.SetResult(_running.TryAdd(name, RunAsync(name, doing, begin.Task, work)));
    }

    private async Task RunAsync(string name, string doing, Task<bool> begin, Func<Task> work)
    {
        if (!await begin.ConfigureAwait(false))
        {
            return;
        }
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Left to another process or the next start.
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired)
        {
            // Another process has released it.
        }
        catch (Exception e)
        {
            // Left for the next sweep. A session with a failed upload records the failure itself.
            _parts.Log.BackgroundFailed(doing, e);
        }
        finally
        {
            _running.TryRemove(name, out _);
        }
    }
}
