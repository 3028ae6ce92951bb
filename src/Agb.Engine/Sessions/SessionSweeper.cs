using System.Diagnostics;

namespace Agb.Engine;

/// <summary>Finds what should have ended: sessions past their lifetime or idle too long, and releases and creations whose
/// process died. There is no daemon, so every process that uses the engine does this now and then.</summary>
internal sealed class SessionSweeper(EngineParts parts, SessionReader reader, SessionActivity activity)
{
    /// <summary>Looks at all sessions once, and at data whose time is over.</summary>
    /// <param name="release">Begins the release of a session that is due.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    internal async Task SweepAsync(Action<string> release, CancellationToken cancellationToken)
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
            else
            {
                await EndWritersAsync(row, cancellationToken).ConfigureAwait(false);
            }
        }
        await parts.Recycler.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends what a session with a disk limit has left running when it has written too much. Commands are watched while
    /// they run; this is for what they leave behind.</summary>
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
                Trace.TraceWarning("Agb: the session {0} has more on disk than its limit of {1} bytes; its processes were ended.", row.Id, row.Limits.DiskBytes);
            }
        }
        catch (Exception e) when (e is AgbException or IOException or UnauthorizedAccessException)
        {
            Trace.TraceWarning("Agb: the disk use of the session {0} could not be measured: {1}", row.Id, e);
        }
    }

    /// <summary>The session, if it is to be released now.</summary>
    internal SessionRow? FindDue(string sessionId) =>
        parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId)) is { } row && IsDue(row) ? row : null;

    /// <summary>Whether the session is to be released now.</summary>
    internal bool IsDue(SessionRow row) => row.Status switch
    {
        // Files that may be incomplete are the user's to give up or to take.
        AgbSessionStatus.Running => (EndOf(row) is not null && !reader.Trees.IsAtRisk(row)) || HasNothingLeft(row) || parts.Claims.IsAbandoned(row.Id),
        AgbSessionStatus.Releasing or AgbSessionStatus.Creating => IsAbandoned(row.Id),
        _ => false,
    };

    /// <summary>Why a session that runs shall not run any longer, or null.</summary>
    internal SessionEnd? EndOf(SessionRow row)
    {
        var now = parts.Time.GetUtcNow();
        return row.Status != AgbSessionStatus.Running ? null
            : row.ExpiresAt <= now ? SessionEnd.Lifetime
            : row.IdleTimeout is { } timeout && activity.IdleSince(row.Id) is { } since && now - since >= timeout ? SessionEnd.Idle
            : null;
    }

    // A power cut can take the catalog's last word about a session that was already removed.
    private bool HasNothingLeft(SessionRow row) => reader.IsLost(row) && !Directory.Exists(parts.Paths.Session(row.Id));

    // Whoever creates or releases a session holds its lock as long as it lives.
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
