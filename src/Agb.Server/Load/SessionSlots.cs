using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>Limits the number of sessions. A place is taken before the creation, so concurrent creations never exceed the limit.
/// It is returned after a failed creation or the end of the session.</summary>
internal sealed class SessionSlots(ServerOptions options, OwnerRegistry owners, ILogger<SessionSlots> logger) : IDisposable
{
    // At the limit each creation would list all sessions again.
    private static readonly TimeSpan s_compareEvery = TimeSpan.FromSeconds(1);

    // Programs on the host create sessions in the same stores.
    private static readonly TimeSpan s_compareAtLeastEvery = TimeSpan.FromMinutes(1);

    // A session may be released at any time.
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _comparing = new(1);
    private readonly LoadLimits _limits = options.Load;

    /// <summary>Takes a place for a new session.</summary>
    /// <exception cref="AgbException">TooManySessions.</exception>
    internal async Task<SessionPlace> TakeAsync(Owner owner, CancellationToken cancellationToken)
    {
        if (_limits is { MaxSessions: <= 0, MaxSessionsPerOwner: <= 0 })
        {
            owner.Count.Begin();
            return new SessionPlace(owner.Count);
        }
        var counted = Counted(owner);
        if (counted.Any(o => !IsFresh(o, s_compareAtLeastEvery)) || TryTake(owner, counted) is not null)
        {
            await CompareAsync(owner, counted, cancellationToken).ConfigureAwait(false);
            if (TryTake(owner, counted) is { } refusal)
            {
                throw refusal;
            }
        }
        return new SessionPlace(owner.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => _comparing.Dispose();

    private IReadOnlyList<Owner> Counted(Owner owner) => _limits.MaxSessions > 0 ? owners.All() : [owner];

    /// <summary>Takes a place, or returns the refusal.</summary>
    private AgbException? TryTake(Owner owner, IReadOnlyList<Owner> counted)
    {
        lock (_gate)
        {
            var own = owner.Count.Value;
            if (_limits.MaxSessionsPerOwner > 0 && own >= _limits.MaxSessionsPerOwner)
            {
                return Refused(
                    $"This owner has {own} sessions; its limit is {_limits.MaxSessionsPerOwner} (the server's --max-sessions-per-owner)",
                    "Release unused sessions.");
            }
            var all = counted.Sum(o => o.Count.Value);
            if (_limits.MaxSessions > 0 && all >= _limits.MaxSessions)
            {
                return Refused(
                    $"The server has {all} sessions; its limit is {_limits.MaxSessions} (--max-sessions)",
                    "Try again after the release of a session. Running sessions are not affected.");
            }
            owner.Count.Begin();
            if (!_limits.HasRoomFor(own + owner.Prepared, all + counted.Sum(o => o.Prepared)))
            {
                foreach (var each in counted)
                {
                    each.EndPrepared();
                }
            }
            return null;
        }
    }

    private async Task CompareAsync(Owner caller, IReadOnlyList<Owner> counted, CancellationToken cancellationToken)
    {
        await _comparing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var owner in counted.Where(o => !IsFresh(o, s_compareEvery)))
            {
                try
                {
                    await owner.Count.CompareAsync(owner.Service, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (owner != caller && e is AgbException or IOException or UnauthorizedAccessException)
                {
                    // A broken store of one owner does not block the others.
                    logger.SessionsNotCounted(owner.Id, e);
                }
                owner.Count.ComparedAt = options.TimeProvider.GetTimestamp();
            }
        }
        finally
        {
            _comparing.Release();
        }
    }

    private bool IsFresh(Owner owner, TimeSpan span) =>
        owner.Count is { IsKnown: true, ComparedAt: { } at } && options.TimeProvider.GetElapsedTime(at) < span;

    private static AgbException Refused(string why, string remedy) => new(
        AgbErrorIds.TooManySessions, AgbErrorKind.ResourceExhausted,
        string.Create(CultureInfo.InvariantCulture, $"{why}. Try again after {s_retry.TotalSeconds:0} s, or after the release of a session."), remedy)
    {
        RetryAfter = s_retry,
    };
}

/// <summary>A place for a session. Disposal returns it unless a session keeps it.</summary>
internal sealed class SessionPlace(SessionCount count) : IDisposable
{
    private bool _isEnded;

    /// <summary>Gives the place to the new session until its release. Called before the answer: the client may release the
    /// session at once.</summary>
    internal void Keep(string sessionId) => End(sessionId);

    /// <inheritdoc/>
    public void Dispose() => End(null);

    private void End(string? sessionId)
    {
        if (!_isEnded)
        {
            _isEnded = true;
            count.End(sessionId);
        }
    }
}
