using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Agb.Server;

/// <summary>The body of a request, with a timeout for the next bytes. It reads from the pipe, because a pending read of the pipe
/// can be cancelled cleanly: a cancelled read of the body would block the answer.</summary>
/// <param name="body">The body.</param>
/// <param name="timeout">The timeout for the next bytes.</param>
internal sealed class TimeoutStream(PipeReader body, TimeSpan timeout) : AsyncForwardStream
{
    /// <summary>The timeout for the next bytes.</summary>
    internal TimeSpan Timeout { get; set; } = timeout;

    /// <inheritdoc/>
    /// <exception cref="BadHttpRequestException">The next bytes are missing or malformed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await ReadNextAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e is not (BadHttpRequestException or ConnectionResetException))
        {
            // Kestrel's error for an invalid chunk size.
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
            // The pipe owns the read bytes again from here.
            body.AdvanceTo(part.End);
            if (count > 0 || isOver || buffer.IsEmpty)
            {
                return count;
            }
            if (isLate)
            {
                throw new BadHttpRequestException("The rest of the request's body did not arrive.", StatusCodes.Status408RequestTimeout);
            }
            // Cancelled by the timeout of an earlier, successful read.
        }
    }

    private async Task<(ReadResult Read, bool IsLate)> WaitAsync(ValueTask<ReadResult> reading)
    {
        using var limit = new CancellationTokenSource(Timeout);
        using var registration = limit.Token.Register(body.CancelPendingRead);
        var read = await reading.ConfigureAwait(false);
        return (read, read.IsCanceled && limit.IsCancellationRequested);
    }
}
