using System.Globalization;
using Agb.Server.Hosting;
using Agb.Server.Owners;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Load;

/// <summary>Lets no more sessions be created than there may be. A place is taken before a creation begins, so that two at once are never
/// one too many; it is given back when the creation fails or the session is gone.</summary>
internal sealed partial class SessionPlaces(ServerOptions options, OwnerRegistry owners, ILogger<SessionPlaces> logger) : IDisposable
{
    // At the limit each creation would list all sessions anew.
    private static readonly TimeSpan s_compareEvery = TimeSpan.FromSeconds(1);

    // Programs on the host make sessions in the same stores.
    private static readonly TimeSpan s_compareAtLeastEvery = TimeSpan.FromMinutes(1);

    // A session ends when somebody releases it, which may be at any time.
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _comparing = new(1);
    private readonly LoadLimits _limits = options.Load;

    /// <summary>Takes a place for a session that is to be created.</summary>
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

    /// <summary>Takes a place, or says why not.</summary>
    private AgbException? TryTake(Owner owner, IReadOnlyList<Owner> counted)
    {
        lock (_gate)
        {
            var own = owner.Count.Value;
            if (_limits.MaxSessionsPerOwner > 0 && own >= _limits.MaxSessionsPerOwner)
            {
                return Refused(
                    $"This owner has {own} sessions, and may have {_limits.MaxSessionsPerOwner} at a time (the server's --max-sessions-per-owner)",
                    "Release sessions that are not needed any more: Get-AgbSession | Remove-AgbSession.");
            }
            var all = counted.Sum(o => o.Count.Value);
            if (_limits.MaxSessions > 0 && all >= _limits.MaxSessions)
            {
                return Refused(
                    $"The server has {all} sessions, and may have {_limits.MaxSessions} at a time (its --max-sessions)",
                    "Try again when sessions were released; those that run are not affected.");
            }
            owner.Count.Begin();
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
                    // What is wrong with one owner's store is no reason to refuse another.
                    LogNotCounted(owner.Id, e);
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
        string.Create(CultureInfo.InvariantCulture, $"{why}. Come again after {s_retry.TotalSeconds:0} s, or when one was released."), remedy)
    {
        RetryAfter = s_retry,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sessions of the owner {OwnerId} can't be counted; the server's limit leaves them out.")]
    private partial void LogNotCounted(string ownerId, Exception exception);
}

/// <summary>A place for a session. It is given back unless the session is there.</summary>
internal sealed class SessionPlace(SessionCount count) : IDisposable
{
    private bool _isEnded;

    /// <summary>The session is there, and keeps the place until it is released. Before its client hears of it, who may release it at once.</summary>
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
