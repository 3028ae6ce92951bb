using System.Collections.Concurrent;
using System.Diagnostics;

namespace Agb.Engine;

/// <summary>The work that a service does for nobody in particular: putting right what dead processes left, releasing sessions that are due,
/// removing layers that are needed no more. It runs beside the calls, which never wait for it, and ends with the service.</summary>
internal sealed class Housekeeping : IDisposable
{
    /// <summary>How many sessions are released at a time.</summary>
    private const int MostReleases = 4;

    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(15);

    private readonly EngineParts _parts;
    private readonly EngineRecovery _recovery;
    private readonly SessionSweeper _sweeper;
    private readonly SessionReleaser _releaser;
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _releases = new(MostReleases);
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _timer;
    private int _isRecovering;
    private bool _isDisposed;

    internal Housekeeping(EngineParts parts, SessionSweeper sweeper, SessionReleaser releaser)
    {
        (_parts, _sweeper, _releaser) = (parts, sweeper, releaser);
        _recovery = new EngineRecovery(parts);
        _timer = parts.Time.CreateTimer(_ => Sweep(), null, s_sweepEvery, s_sweepEvery);
        AppDomain.CurrentDomain.ProcessExit += EndWithProcess;
    }

    /// <summary>Begins what a service does at its first call; does nothing at the later ones.</summary>
    internal void Begin()
    {
        if (Interlocked.Exchange(ref _isRecovering, 1) == 0)
        {
            Run("recovery", "putting right what dead processes left", async () =>
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

    /// <summary>Does at once what a service does at its first call, and waits for all of it.</summary>
    /// <exception cref="AgbException">What the store says of itself.</exception>
    internal async Task RecoverAsync()
    {
        Interlocked.Exchange(ref _isRecovering, 1);
        await SettleAsync().ConfigureAwait(false);
        await _recovery.RunAsync().ConfigureAwait(false);
        Sweep();
        await SettleAsync().ConfigureAwait(false);
    }

    /// <summary>Looks for what is due, unless that goes on already.</summary>
    internal void Sweep()
    {
        Begin();
        Run("sweep", "looking for sessions to release", () => _sweeper.SweepAsync(Release, _closing.Token));
    }

    /// <summary>Releases a session that is due, unless that goes on already.</summary>
    internal void Release(string sessionId) => Run("session " + sessionId, $"releasing the session {sessionId}", async () =>
    {
        await _releases.WaitAsync(_closing.Token).ConfigureAwait(false);
        try
        {
            if (_sweeper.FindDue(sessionId) is { } row)
            {
                // Not to be cut off: the session would count as failed for good.
                await _releaser.ReleaseDueAsync(sessionId, _sweeper.EndOf(row)).ConfigureAwait(false);
            }
        }
        finally
        {
            _releases.Release();
        }
    });

    /// <summary>Removes layers that nobody needs, unless that goes on already.</summary>
    internal void Collect() => Run("collection", "removing layers that nobody needs", () =>
    {
        _parts.Collector.RemoveCondemned();
        return Task.CompletedTask;
    });

    /// <summary>Waits until nothing is left that was begun.</summary>
    internal async Task SettleAsync()
    {
        while (_running.Values.ToArray() is { Length: > 0 } running)
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    /// <summary>Lets what was begun come to its end, with what follows from it, for as long as the settings say; then cuts off what can be.</summary>
    /// <returns>Whether nothing runs any more.</returns>
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

    // A process of one pipeline would otherwise cut off, each time anew, what its first call has begun.
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
            // Another process, or the next start, does it.
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired)
        {
            // Another process has released it.
        }
        catch (Exception e)
        {
            // What failed is left for the next time; a session whose upload failed says so by itself.
            Trace.TraceWarning("Agb: {0} failed and will be tried again: {1}", doing, e);
            _parts.Options.BackgroundFailed?.Invoke(doing, e);
        }
        finally
        {
            _running.TryRemove(name, out _);
        }
    }
}
