namespace Agb.Store;

/// <summary>Cause of an automatic end of a session.</summary>
internal enum SessionEnd
{
    /// <summary>End of the lifetime.</summary>
    Lifetime,

    /// <summary>Idle timeout.</summary>
    Idle,
}

/// <summary>A session's row.</summary>
internal sealed record SessionRow
{
    internal required string Id { get; init; }

    internal required string ImageId { get; init; }

    internal required AgbSessionStatus Status { get; init; }

    internal required AgbNetwork Network { get; init; }

    internal required DateTimeOffset CreatedAt { get; init; }

    internal DateTimeOffset? ExpiresAt { get; init; }

    internal TimeSpan? IdleTimeout { get; init; }

    /// <summary>Action at the end of the idle time.</summary>
    internal AgbIdleAction IdleAction { get; init; }

    internal DateTimeOffset? ReleasedAt { get; init; }

    internal string? Failure { get; init; }

    /// <summary>The creating process (<see cref="ProcessOwner"/>).</summary>
    internal required string Owner { get; init; }

    /// <summary>The driver's handle of the running sandbox; null before the start.</summary>
    internal string? Sandbox { get; init; }

    /// <summary>Mode of the release; null before its begin.</summary>
    internal AgbReleaseMode? Release { get; init; }

    /// <summary>Cause of an automatic release; null for a requested one.</summary>
    internal SessionEnd? End { get; init; }

    /// <summary>The session copied by this one, or null.</summary>
    internal string? ForkedFrom { get; init; }

    /// <summary>Limits on host resources.</summary>
    internal AgbSessionLimits Limits { get; init; } = AgbSessionLimits.None;
}

/// <summary>Sessions and their labels in the catalog.</summary>
internal static class SessionTable
{
    private const string Columns =
        "id, image_id, status, network, created_at, expires_at, idle_timeout, released_at, failure, owner, sandbox, release, limits, ended, idle_action, forked_from";

    internal static void Insert(CatalogTransaction tx, SessionRow row, IReadOnlyDictionary<string, string> labels)
    {
        tx.Execute(
            $"INSERT INTO sessions ({Columns}) VALUES ($id, $image, $status, $network, $created, $expires, $idle, NULL, NULL, $owner, NULL, NULL, $limits, NULL, $action, $origin)",
            ("$id", row.Id), ("$image", row.ImageId), ("$status", row.Status.ToString()), ("$network", row.Network.ToString()),
            ("$created", row.CreatedAt), ("$expires", row.ExpiresAt), ("$idle", row.IdleTimeout), ("$owner", row.Owner), ("$origin", row.ForkedFrom),
            ("$action", row.IdleAction == AgbIdleAction.Release ? null : row.IdleAction.ToString()),
            ("$limits", row.Limits == AgbSessionLimits.None ? null : JsonSerializer.Serialize(row.Limits, CatalogJson.Default.AgbSessionLimits)));
        InsertLabels(tx, row.Id, labels);
    }

    internal static void SetLabels(CatalogTransaction tx, string id, IReadOnlyDictionary<string, string> labels)
    {
        tx.Execute("DELETE FROM labels WHERE session_id = $id", ("$id", id));
        InsertLabels(tx, id, labels);
    }

    internal static SessionRow? Find(CatalogTransaction tx, string id) =>
        tx.First($"SELECT {Columns} FROM sessions WHERE id = $id", Map, ("$id", id));

    /// <summary>All unreleased sessions, oldest first.</summary>
    internal static List<SessionRow> Live(CatalogTransaction tx) =>
        tx.Query($"SELECT {Columns} FROM sessions WHERE status <> 'Released' ORDER BY created_at, id", Map);

    internal static List<SessionRow> Released(CatalogTransaction tx) =>
        tx.Query($"SELECT {Columns} FROM sessions WHERE status = 'Released' ORDER BY created_at, id", Map);

    internal static Dictionary<string, string> Labels(CatalogTransaction tx, string id) => tx.Query(
        "SELECT name, value FROM labels WHERE session_id = $id ORDER BY name", r => (r.GetString(0), r.GetString(1)), ("$id", id))
        .ToDictionary(l => l.Item1, l => l.Item2);

    internal static void SetRunning(CatalogTransaction tx, string id, string sandbox) => tx.Execute(
        "UPDATE sessions SET status = 'Running', sandbox = $sandbox WHERE id = $id AND status = 'Creating'",
        ("$sandbox", sandbox), ("$id", id));

    internal static void SetSuspended(CatalogTransaction tx, string id) => tx.Execute(
        "UPDATE sessions SET status = 'Suspended' WHERE id = $id AND status = 'Running'", ("$id", id));

    internal static void SetResumed(CatalogTransaction tx, string id) => tx.Execute(
        "UPDATE sessions SET status = 'Running' WHERE id = $id AND status = 'Suspended'", ("$id", id));

    internal static void SetStatus(CatalogTransaction tx, string id, AgbSessionStatus status, string? failure = null) => tx.Execute(
        "UPDATE sessions SET status = $status, failure = coalesce($failure, failure) WHERE id = $id",
        ("$status", status.ToString()), ("$failure", failure), ("$id", id));

    internal static void SetReleasing(CatalogTransaction tx, string id, AgbReleaseMode mode, SessionEnd? end) => tx.Execute(
        "UPDATE sessions SET status = 'Releasing', release = $release, ended = $ended WHERE id = $id",
        ("$release", mode.ToString()), ("$ended", end?.ToString()), ("$id", id));

    /// <summary>Turns a release into a discard, also for a process that continues it.</summary>
    internal static void SetDiscarding(CatalogTransaction tx, string id) => tx.Execute(
        $"UPDATE sessions SET status = 'Releasing', release = '{AgbReleaseMode.Discard}' WHERE id = $id", ("$id", id));

    internal static void SetReleased(CatalogTransaction tx, string id, DateTimeOffset now)
    {
        tx.Execute(
            "UPDATE sessions SET status = 'Released', released_at = $now, sandbox = NULL WHERE id = $id", ("$now", now), ("$id", id));
        tx.Execute("DELETE FROM mounts WHERE session_id = $id", ("$id", id));
        ForkTable.DeleteOf(tx, id);
    }

    internal static void Delete(CatalogTransaction tx, string id) =>
        tx.Execute("DELETE FROM sessions WHERE id = $id", ("$id", id));

    internal static void DeleteReleasedBefore(CatalogTransaction tx, DateTimeOffset time) => tx.Execute(
        "DELETE FROM sessions WHERE status = 'Released' AND released_at < $time", ("$time", time));

    private static void InsertLabels(CatalogTransaction tx, string id, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (name, value) in labels)
        {
            tx.Execute(
                "INSERT INTO labels (session_id, name, value) VALUES ($id, $name, $value)", ("$id", id), ("$name", name), ("$value", value));
        }
    }

    private static SessionRow Map(SqliteDataReader r) => new()
    {
        Id = r.GetString(0),
        ImageId = r.GetString(1),
        Status = Enum.Parse<AgbSessionStatus>(r.GetString(2)),
        Network = Enum.Parse<AgbNetwork>(r.GetString(3)),
        CreatedAt = CatalogTransaction.Time(r, 4),
        ExpiresAt = CatalogTransaction.OptionalTime(r, 5),
        IdleTimeout = CatalogTransaction.OptionalLong(r, 6) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
        ReleasedAt = CatalogTransaction.OptionalTime(r, 7),
        Failure = CatalogTransaction.OptionalText(r, 8),
        Owner = r.GetString(9),
        Sandbox = CatalogTransaction.OptionalText(r, 10),
        Release = CatalogTransaction.OptionalText(r, 11) is { } mode ? Enum.Parse<AgbReleaseMode>(mode) : null,
        Limits = CatalogTransaction.OptionalText(r, 12) is { } limits
            ? JsonSerializer.Deserialize(limits, CatalogJson.Default.AgbSessionLimits) ?? AgbSessionLimits.None
            : AgbSessionLimits.None,
        End = CatalogTransaction.OptionalText(r, 13) is { } end ? Enum.Parse<SessionEnd>(end) : null,
        IdleAction = CatalogTransaction.OptionalText(r, 14) is { } action ? Enum.Parse<AgbIdleAction>(action) : AgbIdleAction.Release,
        ForkedFrom = CatalogTransaction.OptionalText(r, 15),
    };
}
