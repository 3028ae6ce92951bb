using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Agb.Server;

/// <summary>Answers with a stream of lines (<see cref="StreamFrame"/>). Nothing is sent before the first line, so an early error
/// is an ordinary answer. Later, heartbeat lines fill quiet times.</summary>
internal sealed class StreamAnswer(Call call)
{
    private const int FlushBytes = 64 * 1024;

    private readonly SemaphoreSlim _writing = new(1);
    private bool _isEnded;

    /// <summary>Answers a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="work">Does the work, and sends items and the result.</param>
    internal static async Task RunAsync(Call call, Func<StreamAnswer, Task> work)
    {
        // A slow reader delays the work, by design.
        call.Http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        call.Http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var running = call.Owner.Calls.Begin(call.Http.Request.Headers[WireHeaders.RequestId], call.Aborted);
        call.Http.Response.RegisterForDispose(running);
        call.Http.RequestAborted = running.Token;
        var answer = new StreamAnswer(call);
        try
        {
            await answer.WorkAsync(work).ConfigureAwait(false);
        }
        catch (Exception e) when (call.Http.Response.HasStarted && !call.Aborted.IsCancellationRequested)
        {
            await answer.FailAsync(e).ConfigureAwait(false);
        }
    }

    /// <summary>Answers with all items of a list.</summary>
    internal static Task ListAsync<T>(Call call, IAsyncEnumerable<T> items, JsonTypeInfo<T> type) => RunAsync(
        call,
        async answer =>
        {
            await foreach (var item in items.WithCancellation(call.Aborted).ConfigureAwait(false))
            {
                await answer.ItemAsync(item, type, flush: false).ConfigureAwait(false);
            }
            await answer.ResultAsync().ConfigureAwait(false);
        });

    /// <summary>Sends an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="type">Its type.</param>
    /// <param name="flush">Whether to send it at once.</param>
    internal Task ItemAsync<T>(T item, JsonTypeInfo<T> type, bool flush) =>
        SendAsync(() => StreamFrame.WriteItem(call.Http.Response.BodyWriter, item, type), flush);

    /// <summary>Sends the result as the last line.</summary>
    internal Task ResultAsync<T>(T result, JsonTypeInfo<T> type) =>
        EndAsync(() => StreamFrame.WriteResult(call.Http.Response.BodyWriter, result, type));

    /// <summary>Sends an empty result.</summary>
    internal Task ResultAsync() => ResultAsync(new EmptyBody(), WireJson.Default.EmptyBody);

    /// <summary>Does the work, with heartbeats meanwhile. After its return no heartbeat can start the answer: the form of an
    /// error depends on whether the answer has started.</summary>
    private async Task WorkAsync(Func<StreamAnswer, Task> work)
    {
        using var done = new CancellationTokenSource();
        var beating = BeatAsync(done.Token);
        try
        {
            await work(this).ConfigureAwait(false);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await beating.ConfigureAwait(false);
        }
    }

    private Task FailAsync(Exception e)
    {
        var error = call.Failures.Report(ErrorMiddleware.RequestError(e, call.Http) ?? e, call.Http.TraceIdentifier);
        return EndAsync(() => StreamFrame.WriteError(call.Http.Response.BodyWriter, error));
    }

    private Task EndAsync(Action write) => SendAsync(
        () =>
        {
            write();
            _isEnded = true;
        },
        flush: true);

    private async Task SendAsync(Action write, bool flush)
    {
        await _writing.WaitAsync(call.Aborted).ConfigureAwait(false);
        try
        {
            call.Http.Response.ContentType ??= StreamFrame.ContentType;
            write();
            if (flush || call.Http.Response.BodyWriter.UnflushedBytes >= FlushBytes)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task FlushAsync()
    {
        var flushing = call.Http.Response.BodyWriter.FlushAsync(call.Aborted);
        if (flushing.IsCompletedSuccessfully)
        {
            return;
        }
        try
        {
            await flushing.AsTask().WaitAsync(call.Options.Timeouts.StalledStream).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The client is connected but takes nothing. The work ends as after a lost client.
            call.Http.Abort();
            // Callers check the token, cancelled by another thread.
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Aborted).ConfigureAwait(false);
        }
    }

    private async Task BeatAsync(CancellationToken done)
    {
        using var timer = new PeriodicTimer(call.Options.HeartbeatEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(done).ConfigureAwait(false))
            {
                await SendAsync(Beat, flush: true).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The work is done, or the client is gone.
        }
    }

    private void Beat()
    {
        if (!_isEnded)
        {
            StreamFrame.WriteHeartbeat(call.Http.Response.BodyWriter);
        }
    }
}
