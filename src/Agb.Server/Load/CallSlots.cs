using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Agb.Server;

/// <summary>Limits the number of concurrent calls. Further calls wait a short time, in order of arrival; after that, or with a
/// full queue, they are refused. Running calls are not affected.</summary>
internal sealed class CallSlots(ServerOptions options) : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly ConcurrencyLimiter _all = Limiter(options.Load.PossibleCalls);
    private readonly ConcurrencyLimiter _sockets = new(new ConcurrencyLimiterOptions { PermitLimit = options.Load.Handles.Sockets });
    private readonly ConcurrentDictionary<string, Lazy<ConcurrencyLimiter>> _owners = new(StringComparer.Ordinal);

    /// <summary>Waits for a call's turn.</summary>
    /// <returns>The place, to be disposed at the end of the call.</returns>
    /// <exception cref="AgbException">TooManyRequests.</exception>
    internal async Task<IDisposable> EnterAsync(string ownerId, CancellationToken cancellationToken)
    {
        var place = new CallPlace();
        try
        {
            if (options.Load.MaxCallsPerOwner is > 0 and var most)
            {
                var own = _owners.GetOrAdd(ownerId, _ => new Lazy<ConcurrencyLimiter>(() => Limiter(most))).Value;
                place.Add(await EnterAsync(own, most, "This owner", "--max-calls-per-owner", cancellationToken).ConfigureAwait(false));
            }
            var possible = options.Load.PossibleCalls;
            var option = possible == options.Load.MaxCalls ? "--max-calls" : "the limit of open files";
            place.Add(await EnterAsync(_all, possible, "The server", option, cancellationToken).ConfigureAwait(false));
            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>Takes a place for a WebSocket.</summary>
    /// <returns>The place, to be disposed when the socket is closed.</returns>
    /// <exception cref="AgbException">TooManyRequests.</exception>
    internal IDisposable EnterSocket()
    {
        var lease = _sockets.AttemptAcquire();
        return lease.IsAcquired ? lease : throw new AgbException(
            AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted,
            string.Create(CultureInfo.InvariantCulture, $"The server has {options.Load.Handles.Sockets} WebSockets open, the most for its limit of open files. Try again after {s_retry.TotalSeconds:0} s."),
            "Close unused sockets, or raise the server's limit of open files.")
        {
            RetryAfter = s_retry,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _all.Dispose();
        _sockets.Dispose();
        foreach (var owner in _owners.Values.Where(o => o.IsValueCreated))
        {
            owner.Value.Dispose();
        }
    }

    private async Task<RateLimitLease> EnterAsync(ConcurrencyLimiter limiter, int most, string who, string option, CancellationToken cancellationToken)
    {
        var lease = limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            using var timeout = new CancellationTokenSource(options.Load.MaxWait, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                lease = await limiter.AcquireAsync(1, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Refused(limiter, most, who, option);
            }
        }
        return lease.IsAcquired ? lease : throw Refused(limiter, most, who, option);
    }

    private static AgbException Refused(ConcurrencyLimiter limiter, int most, string who, string option) => new(
        AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{who} has {most} calls running, its limit ({option}), and {limiter.GetStatistics()?.CurrentQueuedCount ?? 0} waiting. Try again after {s_retry.TotalSeconds:0} s."),
        "Nothing was done. Wait for the end of running calls, or run fewer at a time.")
    {
        RetryAfter = s_retry,
    };

    private static ConcurrencyLimiter Limiter(int most) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = most,
        QueueLimit = most,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>The leases of a running call.</summary>
    private sealed class CallPlace : IDisposable
    {
        private readonly List<RateLimitLease> _leases = new(2);

        internal void Add(RateLimitLease lease) => _leases.Add(lease);

        public void Dispose() => _leases.ForEach(l => l.Dispose());
    }
}
