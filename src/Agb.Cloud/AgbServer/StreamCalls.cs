using System.Runtime.CompilerServices;

namespace Agb.Cloud;

/// <summary>Calls with streams of <see cref="StreamFrame"/> as answers.</summary>
internal sealed class StreamCalls(ApiClient api)
{
    private static readonly TimeSpan s_cancelTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The items of an answer, as they come.</summary>
    internal async IAsyncEnumerable<T> ItemsAsync<T>(
        ApiCall call, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using var answer = await OpenAsync(call, cancellationToken).ConfigureAwait(false);
        await foreach (var frame in FramesAsync(answer, cancellationToken).ConfigureAwait(false))
        {
            if (frame.Item is { } item)
            {
                yield return Answers.Read(item, type, answer.RequestId);
            }
        }
    }

    /// <summary>The result of an answer.</summary>
    /// <param name="call">The call.</param>
    /// <param name="type">The result's type.</param>
    /// <param name="take">Receives each item before the next one is read; null without items.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    internal async Task<T> ResultAsync<T>(
        ApiCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken, Func<JsonElement, ValueTask>? take = null)
        where T : class
    {
        var (result, requestId) = await RawResultAsync(call, take, cancellationToken).ConfigureAwait(false);
        return Answers.Read(result, type, requestId);
    }

    /// <summary>Waits for the end of a call without a result.</summary>
    internal Task EndAsync(ApiCall call, CancellationToken cancellationToken) => RawResultAsync(call, take: null, cancellationToken);

    /// <summary>The unparsed result of an answer, with the request's id.</summary>
    internal async Task<(JsonElement Result, string RequestId)> RawResultAsync(
        ApiCall call, Func<JsonElement, ValueTask>? take, CancellationToken cancellationToken)
    {
        return await CancelledAsync(id => ReadResultAsync(call with { RequestId = id }, take, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a call. After the caller's cancellation or a failure of its content, waits for the end of the work on the
    /// service.</summary>
    /// <param name="call">Makes the call, with this request id.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    internal async Task<T> CancelledAsync<T>(Func<string, Task<T>> call, CancellationToken cancellationToken)
    {
        var requestId = ApiClient.NewRequestId();
        try
        {
            return await call(requestId).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOurs(e, cancellationToken))
        {
            await CancelAsync(requestId).ConfigureAwait(false);
            throw;
        }
    }

    // Whether the caller cancelled or its own content failed: the service may still be working.
    private static bool IsOurs(Exception e, CancellationToken cancellationToken) => e is OperationCanceledException
        ? cancellationToken.IsCancellationRequested
        : e is not (AgbServiceException or AgbConnectionException);

    private async Task<(JsonElement Result, string RequestId)> ReadResultAsync(
        ApiCall call, Func<JsonElement, ValueTask>? take, CancellationToken cancellationToken)
    {
        using var answer = await OpenAsync(call, cancellationToken).ConfigureAwait(false);
        await foreach (var frame in FramesAsync(answer, cancellationToken).ConfigureAwait(false))
        {
            if (frame.Result is { } result)
            {
                return (result, answer.RequestId);
            }
            if (take is not null && frame.Item is { } item)
            {
                await take(item).ConfigureAwait(false);
            }
        }
        throw CloudErrors.CutOff(api.Name, answer.RequestId);
    }

    // The connection is closed by now, and so the work is cancelled; wait a while for its end.
    private async Task CancelAsync(string requestId)
    {
        var call = ApiCall.Post(
            AgbServerRoutes.CancelCall, new CancelCallBody { RequestId = requestId }, WireJson.Default.CancelCallBody, Repeat.Never) with
        {
            Timeout = s_cancelTimeout,
        };
        try
        {
            await api.CallAsync(call, CancellationToken.None).ConfigureAwait(false);
        }
        catch (AgbException e)
        {
            // The caller gets its cancellation, not the server's failure; the trace has the failure.
            api.Report(new AgbWireExchange { Method = "POST", Address = AgbServerRoutes.CancelCall, RequestId = requestId, Error = e.Message });
        }
    }

    // A server may keep the head back as long as the maximum silence.
    private Task<OpenAnswer> OpenAsync(ApiCall call, CancellationToken cancellationToken) => api.OpenAsync(
        call with { Timeout = api.Silence },
        answer => answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == StreamFrame.ContentType,
        cancellationToken);

    private async IAsyncEnumerable<StreamFrame> FramesAsync(
        OpenAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var frames = StreamFrame.ReadAsync(answer.Body, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(frames, answer.RequestId).ConfigureAwait(false))
        {
            if (frames.Current.Error is { } error)
            {
                throw Refused(error, answer);
            }
            yield return frames.Current;
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<StreamFrame> frames, string requestId)
    {
        try
        {
            return await frames.MoveNextAsync().ConfigureAwait(false);
        }
        catch (AgbException e) when (e is not AgbConnectionException && e.ErrorId == AgbErrorIds.ConnectionFailed)
        {
            throw CloudErrors.CutOff(api.Name, requestId, e);
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.ServiceRefused or AgbErrorIds.InvalidRequest)
        {
            throw CloudErrors.Unreadable(e.Message, requestId, inner: e);
        }
    }

    private AgbServiceException Refused(WireError error, OpenAnswer answer)
    {
        var known = error with { Message = error.Message is { } message ? api.Secrets.HideKey(message) : null };
        return CloudErrors.Refused(new ApiReply(
            (int)answer.Message.StatusCode, new Envelope { AgbError = known, RequestId = answer.RequestId, Code = known.Id ?? "" }, answer.RequestId));
    }
}
