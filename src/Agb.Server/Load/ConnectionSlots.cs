using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>Limits the number of open connections over all listening addresses. A limited number of further connections get a
/// refusal in plain HTTP; the rest are closed, as is any connection with TLS, to avoid a handshake. Kestrel's own limit closes
/// without an answer and counts per address.</summary>
internal sealed class ConnectionSlots(ServerOptions options, Telemetry telemetry, ILogger<ConnectionSlots> logger)
{
    // The rest of a request is read and discarded after the answer, up to this size: an early close would
    // reset the connection and lose the answer.
    private const long MostDrained = 1024 * 1024;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // The configured limit, bounded by the limit of open files.
    private readonly int _most = Math.Min(options.MaxConnections ?? int.MaxValue, options.Load.Handles.Connections);
    private readonly int _mostRefusals = options.Load.Handles.Refusals;
    private int _open;
    private int _refusals;

    /// <summary>Runs one connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isEncrypted">Whether it is for TLS, before the handshake.</param>
    /// <param name="next">Serves it.</param>
    internal async Task RunAsync(ConnectionContext connection, bool isEncrypted, ConnectionDelegate next)
    {
        if (TryEnter(ref _open, _most))
        {
            using var place = new Place(this);
            // After an upgrade a WebSocket is counted separately.
            connection.Features.Set<IDecrementConcurrentConnectionCountFeature>(place);
            await next(connection).ConfigureAwait(false);
        }
        else if (!isEncrypted && TryEnter(ref _refusals, _mostRefusals))
        {
            try
            {
                logger.ConnectionRefused(connection.ConnectionId, _most);
                await RefuseAsync(connection).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref _refusals);
            }
        }
        else
        {
            logger.ConnectionClosed(connection.ConnectionId, _most);
        }
    }

    private static bool TryEnter(ref int count, int most)
    {
        if (Interlocked.Increment(ref count) <= most)
        {
            return true;
        }
        Interlocked.Decrement(ref count);
        return false;
    }

    /// <summary>Answers the first request of a connection, valid or not, and waits for its end, within a time limit.</summary>
    private async Task RefuseAsync(ConnectionContext connection)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        // Not the token of the connection: it is cancelled after the client's last byte, while the client may still read the answer.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        over.CancelAfter(options.Timeouts.Refusal);
        try
        {
            if (await DrainAsync(connection.Transport.Input, 1, over.Token).ConfigureAwait(false))
            {
                await connection.Transport.Output.WriteAsync(Refusal(), over.Token).ConfigureAwait(false);
                await DrainAsync(connection.Transport.Input, MostDrained, over.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client is gone, silent or still connected: close in any case.
            logger.RefusedConnectionGone(connection.ConnectionId, e.Message);
        }
    }

    /// <summary>Discards input.</summary>
    /// <returns>Whether all <paramref name="count"/> bytes arrived.</returns>
    private static async Task<bool> DrainAsync(PipeReader input, long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            var read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            count -= read.Buffer.Length;
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return count <= 0;
            }
        }
        return true;
    }

    private byte[] Refusal()
    {
        var requestId = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
        // The error id for refusals before any work: clients then retry every repeatable request.
        var error = new AgbException(
            AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The server has {_most} connections open, its limit ({(_most == options.MaxConnections ? "--max-connections" : "the limit of open files")}). Try again after {s_retry.TotalSeconds:0} s."),
            "Nothing was done. Close unused connections, or raise the server's limit.");
        telemetry.Failed(error.ErrorId);
        var body = new ArrayBufferWriter<byte>(1024);
        (Envelope.Failure(requestId, error) with { HttpStatusCode = 503 }).Write(body);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: {Reply.JsonType}\r\nContent-Length: {body.WrittenCount}\r\nRetry-After: {s_retry.TotalSeconds:0}\r\n{WireHeaders.RequestId}: {requestId}\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body.WrittenSpan];
    }

    /// <summary>The place of an open connection, returned once.</summary>
    private sealed class Place(ConnectionSlots places) : IDecrementConcurrentConnectionCountFeature, IDisposable
    {
        private int _isLeft;

        public void ReleaseConnection() => Dispose();

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                Interlocked.Decrement(ref places._open);
            }
        }
    }
}
