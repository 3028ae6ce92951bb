namespace Agb.Cloud;

/// <summary>An answer with an unread body, for the caller.</summary>
/// <param name="Message">The head.</param>
/// <param name="Body">The body.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record OpenAnswer(HttpResponseMessage Message, Stream Body, string RequestId) : IDisposable
{
    public void Dispose()
    {
        Body.Dispose();
        Message.Dispose();
    }
}

/// <summary>The body of a streamed answer: no limit on the whole time, only on silence. Silence and an early end are
/// <see cref="AgbConnectionException"/>.</summary>
internal sealed class TimeoutStream(Stream body, ApiClient api, string requestId) : AsyncForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var deadline = new Deadline(api.Silence, api.Time, cancellationToken);
        try
        {
            return await body.ReadAsync(buffer, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            throw CloudErrors.TimeOver(api.Name, deadline.Limit, requestId, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw CloudErrors.CutOff(api.Name, requestId, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }
        base.Dispose(disposing);
    }
}
