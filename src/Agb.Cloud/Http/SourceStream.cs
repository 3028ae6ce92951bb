namespace Agb.Cloud;

/// <summary>The content of a caller's file. Read failures are errors with the file's name, not faults of the
/// connection.</summary>
internal sealed class SourceStream(Stream source, string path) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => source.CanSeek;

    public override bool CanWrite => false;

    public override long Length => source.Length;

    public override long Position
    {
        get => source.Position;
        set => source.Position = value;
    }

    /// <summary>The same change with guarded content.</summary>
    internal static AgbContextFileChange Guard(AgbContextFileChange change) => change is AgbContextFileChange.Put put
        ? put with { Open = token => OpenAsync(put, token) }
        : change;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        GuardAsync(path, () => source.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => source.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }
        base.Dispose(disposing);
    }

    private static async Task<Stream> OpenAsync(AgbContextFileChange.Put put, CancellationToken cancellationToken) => new SourceStream(
        await GuardAsync(put.Path, async () => await put.Open(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false), put.Path);

    private static async ValueTask<T> GuardAsync<T>(string path, Func<ValueTask<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (AgbException or OperationCanceledException))
        {
            throw new AgbException(
                AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"The content for '{path}' can't be read: {e.Message}",
                "Try again when the source can be read.", path, e);
        }
    }
}
