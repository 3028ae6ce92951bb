using System.Buffers;
using System.IO.Pipelines;
using Agb.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Agb.Server.Hosting;

/// <summary>The body of a request, which gives up waiting for bytes that don't come. Read from the pipe, whose reading can be called off in good
/// order: a cancelled one would be in the way of the answer.</summary>
/// <param name="body">The body.</param>
/// <param name="patience">How long to wait for the next bytes.</param>
internal sealed class PatientStream(PipeReader body, TimeSpan patience) : ForwardStream
{
    /// <summary>How long to wait for the next bytes.</summary>
    internal TimeSpan Patience { get; set; } = patience;

    /// <inheritdoc/>
    /// <exception cref="BadHttpRequestException">The next bytes don't come, or are no body.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await ReadNextAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e is not (BadHttpRequestException or ConnectionResetException))
        {
            // How the web server says that the size of a chunk is no number that it knows.
            throw new BadHttpRequestException("The request's body is malformed.", StatusCodes.Status400BadRequest, e);
        }
    }

    private async ValueTask<int> ReadNextAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reading = body.ReadAsync(cancellationToken);
            var (read, isLate) = reading.IsCompleted ? (await reading.ConfigureAwait(false), false) : await WaitAsync(reading).ConfigureAwait(false);
            var part = read.Buffer.Slice(0, Math.Min(buffer.Length, read.Buffer.Length));
            part.CopyTo(buffer.Span);
            var count = (int)part.Length;
            var isOver = read.IsCompleted;
            // From here on what was read is the pipe's again.
            body.AdvanceTo(part.End);
            if (count > 0 || isOver || buffer.IsEmpty)
            {
                return count;
            }
            if (isLate)
            {
                throw new BadHttpRequestException("The rest of the request's body did not come.", StatusCodes.Status408RequestTimeout);
            }
            // Called off by the limit of the read before, which had just got its bytes.
        }
    }

    private async Task<(ReadResult Read, bool IsLate)> WaitAsync(ValueTask<ReadResult> reading)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var registration = limit.Token.Register(body.CancelPendingRead);
        var read = await reading.ConfigureAwait(false);
        return (read, read.IsCanceled && limit.IsCancellationRequested);
    }
}
