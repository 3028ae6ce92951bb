using Agb.Protocol;
using Microsoft.AspNetCore.Http;

namespace Agb.Server.Hosting;

/// <summary>The body of a request, which gives up waiting for bytes that don't come.</summary>
/// <param name="inner">The body.</param>
/// <param name="patience">How long to wait for the next bytes.</param>
internal sealed class PatientStream(Stream inner, TimeSpan patience) : ForwardStream
{
    /// <summary>How long to wait for the next bytes.</summary>
    internal TimeSpan Patience { get; set; } = patience;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = inner.ReadAsync(buffer, limit.Token);
        if (reading.IsCompleted)
        {
            return await reading.ConfigureAwait(false);
        }
        limit.CancelAfter(Patience);
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The rest of the request's body did not come.", StatusCodes.Status408RequestTimeout);
        }
    }
}
