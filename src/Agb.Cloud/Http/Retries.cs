using Polly;
using Polly.Retry;

namespace Agb.Cloud;

/// <summary>Repeats repeatable calls, after a growing delay with jitter, or after the service's Retry-After. A call beyond its
/// time limit is not repeated: its caller has waited long enough.</summary>
internal sealed class Retries
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    private readonly ResiliencePipeline _always;
    private readonly ResiliencePipeline _whenTurnedAway;
    private readonly TimeSpan _longestAsked;

    internal Retries(AgbCloudOptions options)
    {
        _longestAsked = options.MaxRetryAfter;
        _always = Build(options, e => e is AgbConnectionException { Kind: not AgbErrorKind.Timeout } || IsTurnedAway(e) || IsExhausted(e));
        _whenTurnedAway = Build(options, IsTurnedAway);
    }

    internal async Task<T> RunAsync<T>(Repeat repeat, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        var pipeline = repeat switch
        {
            Repeat.Always => _always,
            Repeat.WhenTurnedAway => _whenTurnedAway,
            _ => ResiliencePipeline.Empty,
        };
        return await pipeline.ExecuteAsync(
            static async (call, token) => await call(token).ConfigureAwait(false), attempt, cancellationToken).ConfigureAwait(false);
    }

    private ResiliencePipeline Build(AgbCloudOptions options, Func<Exception, bool> mayRepeat) => options.MaxRetries == 0
        ? ResiliencePipeline.Empty
        : new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = s_first,
                MaxDelay = s_longest,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is { } e && mayRepeat(e) && (AskedFor(e) ?? TimeSpan.Zero) <= _longestAsked),
                // Null leaves the delay to the retry strategy.
                DelayGenerator = arguments => ValueTask.FromResult(AskedFor(arguments.Outcome.Exception)),
            })
            .Build();

    private static bool IsTurnedAway(Exception e) =>
        e is AgbServiceException { ErrorId: AgbErrorIds.TooManyRequests or AgbErrorIds.TooManySessions };

    // A host can be exhausted in the midst of a call, so only idempotent calls are repeated.
    private static bool IsExhausted(Exception e) => e is AgbServiceException { ErrorId: AgbErrorIds.HostExhausted, RetryAfter: not null };

    private static TimeSpan? AskedFor(Exception? e) => (e as AgbException)?.RetryAfter;
}
