namespace Agb.Cloud.Http;

/// <summary>An answer whose body is read by the caller.</summary>
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

/// <summary>The body of an answer that comes in pieces: it may take any time, as long as something comes. Silence, and an end before
/// the end, are <see cref="AgbConnectionException"/>.</summary>
internal sealed class PatientStream(Stream body, ApiClient api, string requestId) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // The bytes come from a network; a caller that has no asynchronous form waits for them here.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }
        base.Dispose(disposing);
    }
}
