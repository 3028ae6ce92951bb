using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;

namespace Agb.Cloud;

/// <summary>A body written during the sending, never whole in memory.</summary>
internal sealed class UploadContent : HttpContent
{
    private readonly Func<Stream, CancellationToken, Task> _write;
    private readonly CancellationToken _cancellationToken;
    private readonly long? _length;
    private Deadline? _deadline;
    private ExceptionDispatchInfo? _ownFailure;

    /// <summary>Makes a body.</summary>
    /// <param name="contentType">The type; null for none.</param>
    /// <param name="write">Writes the body.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <param name="length">The size in bytes, if known.</param>
    internal UploadContent(
        string? contentType, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken, long? length = null)
    {
        _write = write;
        _cancellationToken = cancellationToken;
        _length = length;
        Headers.ContentType = contentType is null ? null : new MediaTypeHeaderValue(contentType);
    }

    /// <summary>Sets the deadline to restart with every piece.</summary>
    internal void Begin(Deadline deadline) => _deadline = deadline;

    /// <summary>Throws the failure of the content itself, if there was one.</summary>
    internal void ThrowOwnFailure() => _ownFailure?.Throw();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cancellationToken);
        var output = new Output(stream, _deadline);
        try
        {
            await _write(output, both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!output.IsBroken && e is not OperationCanceledException)
        {
            _ownFailure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    /// <summary>Tells failures of the connection from those of the content.</summary>
    private sealed class Output(Stream stream, Deadline? deadline) : Stream
    {
        internal bool IsBroken { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                await stream.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                deadline?.Extend();
            }
            catch
            {
                IsBroken = true;
                throw;
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
