using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Agb.Protocol;
using Agb.Server.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Load;

/// <summary>Lets no more connections be open at a time than there may, over all addresses that the server listens on. What comes
/// beyond that is told so in plain HTTP, as far as that is bounded itself; else, and where telling would take a TLS handshake first,
/// it is closed. The web server's own limit closes without a word, and counts each address for itself.</summary>
internal sealed partial class ConnectionPlaces(ServerOptions options, Telemetry telemetry, ILogger<ConnectionPlaces> logger)
{
    // A request that is on its way when the answer is out is read and thrown away, up to here: closed before, the connection would be
    // broken off, and the answer with it.
    private const long MostDrained = 1024 * 1024;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // What is asked for, as far as the files that the process may have open allow.
    private readonly int _most = Math.Min(options.MaxConnections ?? int.MaxValue, options.Load.Handles.Connections);
    private readonly int _mostRefusals = options.Load.Handles.Refusals;
    private int _open;
    private int _refusals;

    /// <summary>Runs one connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isEncrypted">Whether it is for TLS, which has not begun.</param>
    /// <param name="next">Serves it.</param>
    internal async Task RunAsync(ConnectionContext connection, bool isEncrypted, ConnectionDelegate next)
    {
        if (TryEnter(ref _open, _most))
        {
            using var place = new Place(this);
            // One that becomes a WebSocket is counted as such, and no longer here.
            connection.Features.Set<IDecrementConcurrentConnectionCountFeature>(place);
            await next(connection).ConfigureAwait(false);
        }
        else if (!isEncrypted && TryEnter(ref _refusals, _mostRefusals))
        {
            try
            {
                LogRefused(connection.ConnectionId, _most);
                await RefuseAsync(connection).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref _refusals);
            }
        }
        else
        {
            LogClosed(connection.ConnectionId, _most);
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

    /// <summary>Answers the first request of a connection, whatever it is, and waits for its end, for a bounded time.</summary>
    private async Task RefuseAsync(ConnectionContext connection)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        // Not the end of the connection: that is said to have come when the client has sent all it will, and it may still read the answer.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        over.CancelAfter(options.Patience.Refusal);
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
            // The client is gone, or asks for nothing, or does not go: it is closed anyway.
            LogGone(connection.ConnectionId, e.Message);
        }
    }

    /// <summary>Throws away what comes.</summary>
    /// <returns>Whether as much came.</returns>
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
        // The id of what was turned away before anything was begun, so that a client repeats whatever it can send twice.
        var error = new AgbException(
            AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The server has {_most} connections open, the most that may be ({(_most == options.MaxConnections ? "--max-connections" : "for the files that it may have open")}). Come again after {s_retry.TotalSeconds:0} s."),
            "Nothing was done. Close connections that are not needed any more, or raise the server's limit.");
        telemetry.Failed(error.ErrorId);
        var body = new ArrayBufferWriter<byte>(1024);
        (Envelope.Failure(requestId, error) with { HttpStatusCode = 503 }).Write(body);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: {Reply.JsonType}\r\nContent-Length: {body.WrittenCount}\r\nRetry-After: {s_retry.TotalSeconds:0}\r\n{WireHeaders.RequestId}: {requestId}\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body.WrittenSpan];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection {ConnectionId} is refused: {Most} are open, the most that may be.")]
    private partial void LogRefused(string connectionId, int most);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection {ConnectionId} is closed without an answer: {Most} are open, the most that may be.")]
    private partial void LogClosed(string connectionId, int most);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The refused connection {ConnectionId} is closed: {Reason}")]
    private partial void LogGone(string connectionId, string reason);

    /// <summary>The place of an open connection, given back once.</summary>
    private sealed class Place(ConnectionPlaces places) : IDecrementConcurrentConnectionCountFeature, IDisposable
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
