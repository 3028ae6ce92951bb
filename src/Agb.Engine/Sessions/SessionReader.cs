namespace Agb.Engine;

/// <summary>Reads sessions in the form shown to callers.</summary>
internal sealed class SessionReader(EngineParts parts)
{
    /// <summary>Checks of sessions' files.</summary>
    internal SessionTrees Trees { get; } = new(parts);

    /// <summary>The row of an unreleased session.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionExpired.</exception>
    internal SessionRow Require(string sessionId) => parts.Catalog.Read(tx => Require(tx, sessionId));

    /// <summary>The row of an unreleased session, in a transaction.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionExpired.</exception>
    internal SessionRow Require(CatalogTransaction tx, string sessionId)
    {
        var row = string.IsNullOrWhiteSpace(sessionId) ? null : SessionTable.Find(tx, sessionId);
        return row is null ? throw AgbErrors.SessionNotFound(sessionId)
            : row.Status == AgbSessionStatus.Released ? throw SessionErrors.Released(row)
            : row;
    }

    /// <summary>The current session; Failed if its processes are gone.</summary>
    internal AgbSession ToSession(SessionRow row)
    {
        var (labels, mounts) = parts.Catalog.Read(tx => (SessionTable.Labels(tx, row.Id), MountTable.OfSession(tx, row.Id)));
        var handle = row.Handle();
        var isLost = IsLost(row, handle);
        return new AgbSession
        {
            Service = parts.Service,
            SessionId = row.Id,
            ImageId = row.ImageId,
            Status = isLost ? AgbSessionStatus.Failed : row.Status,
            Labels = labels,
            ContextSyncs = [.. mounts.Select(m => new AgbContextSync { ContextId = m.ContextId, Path = m.Path, Policy = m.Policy })],
            CreatedAt = row.CreatedAt,
            ExpiresAt = row.ExpiresAt,
            IdleTimeout = row.IdleTimeout,
            IdleAction = row.IdleAction,
            Network = row.Network,
            Limits = row.Limits,
            LimitStates = handle?.Controls?.States ?? [],
            ForkedFrom = row.ForkedFrom,
            FailureReason = row.Status == AgbSessionStatus.Released ? SessionErrors.Released(row).Message
                : isLost || row.Status == AgbSessionStatus.Failed ? Reason(row, mounts) : row.Failure,
        };
    }

    private string? Reason(SessionRow row, List<MountRow> mounts) =>
        mounts.Exists(Trees.HasTree) && Trees.Doubt(row) is { } doubt ? Trees.Reason(row, doubt)
        : row.Status == AgbSessionStatus.Failed ? row.Failure
        : LostReason;

    /// <summary>Whether the session is Running or Suspended in the catalog but its processes are gone.</summary>
    internal bool IsLost(SessionRow row) => IsLost(row, row.Handle());

    private bool IsLost(SessionRow row, SandboxHandle? handle) =>
        row.Status is AgbSessionStatus.Running or AgbSessionStatus.Suspended && !(handle is not null && parts.Driver.IsAlive(handle));

    internal const string LostReason =
        "The session's processes are gone: it reached its maximum lifetime, or the host was restarted. Its files are still there.";
}
