namespace Agb.Engine;

/// <summary>Finds expired sessions (lifetime or idle time), and releases and creations of dead processes. There is no daemon, so
/// every process that uses the engine sweeps from time to time.</summary>
internal sealed class SessionSweeper(EngineParts parts, SessionReader reader, SessionActivity activity, SessionClaims claims)
{
    /// <summary>Sweeps all sessions and expired data once.</summary>
    /// <param name="release">Starts the release of a session.</param>
    /// <param name="suspend">Starts the suspension of a session.</param>
    /// <param name="cancellationToken">Cancels the sweep.</param>
    internal async Task SweepAsync(Action<string> release, Action<string> suspend, CancellationToken cancellationToken)
    {
        if (parts.Paths.IsReadOnly)
        {
            return;
        }
        foreach (var row in parts.Catalog.Read(SessionTable.Live))
        {
            if (IsDue(row))
            {
                release(row.Id);
            }
            else if (IsSleepy(row))
            {
                suspend(row.Id);
            }
            else
            {
                await EndWritersAsync(row, cancellationToken).ConfigureAwait(false);
            }
        }
        await parts.EntryExpiry.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the background processes of a session over its disk limit. Running commands are watched elsewhere; this
    /// covers their leftover processes.</summary>
    private async Task EndWritersAsync(SessionRow row, CancellationToken cancellationToken)
    {
        if (row.Status != AgbSessionStatus.Running || row.Handle() is not { Controls.Disk: not null } sandbox)
        {
            return;
        }
        try
        {
            if (await parts.Driver.EndWritersAsync(sandbox, cancellationToken).ConfigureAwait(false))
            {
                parts.Log.DiskLimitExceeded(row.Id, row.Limits.DiskBytes);
            }
        }
        catch (Exception e) when (e is AgbException or IOException or UnauthorizedAccessException)
        {
            parts.Log.DiskUseUnknown(row.Id, e);
        }
    }

    /// <summary>The session, if it is due for release.</summary>
    internal SessionRow? FindDue(string sessionId) =>
        parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId)) is { } row && IsDue(row) ? row : null;

    /// <summary>Whether the session is due for release.</summary>
    internal bool IsDue(SessionRow row) => row.Status switch
    {
        // Possibly incomplete files are left to the user's decision.
        AgbSessionStatus.Running or AgbSessionStatus.Suspended => (EndOf(row) is not null && !reader.Trees.IsAtRisk(row)) || HasNothingLeft(row) || claims.IsAbandoned(row.Id),
        AgbSessionStatus.Releasing or AgbSessionStatus.Creating => IsAbandoned(row.Id),
        _ => false,
    };

    /// <summary>Whether the session is due for suspension.</summary>
    internal bool IsSleepy(SessionRow row) =>
        row is { Status: AgbSessionStatus.Running, IdleAction: AgbIdleAction.Suspend } && !parts.Paths.IsReadOnly && IsIdle(row) && !reader.IsLost(row);

    /// <summary>The reason to end a running or suspended session, or null.</summary>
    internal SessionEnd? EndOf(SessionRow row)
    {
        var now = parts.Time.GetUtcNow();
        return row.Status is not (AgbSessionStatus.Running or AgbSessionStatus.Suspended) ? null
            : row.ExpiresAt <= now ? SessionEnd.Lifetime
            : row.IdleAction == AgbIdleAction.Release && row.Status == AgbSessionStatus.Running && IsIdle(row) ? SessionEnd.Idle
            : null;
    }

    private bool IsIdle(SessionRow row) =>
        row.IdleTimeout is { } timeout && activity.IdleSince(row.Id) is { } since && parts.Time.GetUtcNow() - since >= timeout;

    // A power cut can take the catalog's last record of a removed session.
    private bool HasNothingLeft(SessionRow row) => reader.IsLost(row) && !Directory.Exists(parts.Paths.Session(row.Id));

    // The creator or releaser of a session holds its lock until it ends.
    private bool IsAbandoned(string sessionId)
    {
        using var free = SessionLocks.TryAcquire(parts.Paths, parts.Catalog, sessionId);
        if (free is null)
        {
            return false;
        }
        return parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId))
            is { Status: AgbSessionStatus.Releasing or AgbSessionStatus.Creating };
    }
}
