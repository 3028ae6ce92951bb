namespace Agb.Store;

/// <summary>An upload path of a context, with the policy of its last upload.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="Mode">Storage mode: files or an archive.</param>
/// <param name="Lifecycle">Retention time of the data.</param>
/// <param name="RecyclePaths">Paths under the lifecycle: raw, relative to the origin.</param>
/// <param name="RecycleFrom">Earliest storage time assumed for any data.</param>
/// <param name="NextRecycle">Next time at which data may expire; null for never.</param>
internal sealed record OriginRow(
    string Path, AgbUploadMode Mode, AgbLifecycle Lifecycle, IReadOnlyList<string> RecyclePaths, DateTimeOffset RecycleFrom,
    DateTimeOffset? NextRecycle);

/// <summary>Upload paths of contexts.</summary>
internal static class OriginTable
{
    private const string Columns = "path, mode, lifecycle, recycle_paths, recycle_from, recycle_next";

    internal static List<OriginRow> OfContext(CatalogTransaction tx, string contextId) => tx.Query(
        $"SELECT {Columns} FROM origins WHERE context_id = $id ORDER BY path", Map, ("$id", contextId));

    /// <summary>Records an upload under a mount's origin; its policy counts from now on.</summary>
    internal static void PutUploaded(CatalogTransaction tx, MountRow mount, DateTimeOffset now)
    {
        var rules = mount.Rules;
        var paths = JsonSerializer.Serialize(rules.RecyclePaths, CatalogJson.Default.StringArray);
        var before = OfContext(tx, mount.ContextId).Find(o => o.Path == mount.Origin);
        // New data expires after all older data. Under a changed policy, older data may have expired already.
        DateTimeOffset? next = rules.Lifecycle == AgbLifecycle.Lifecycle_Forever ? null
            : before is not null && before.Lifecycle == rules.Lifecycle
                && JsonSerializer.Serialize([.. before.RecyclePaths], CatalogJson.Default.StringArray) == paths
                ? before.NextRecycle ?? now + TimeSpan.FromDays((int)rules.Lifecycle)
            : DateTimeOffset.UnixEpoch;
        tx.Execute(
            """
            INSERT INTO origins (context_id, path, mode, lifecycle, recycle_paths, recycle_next) VALUES ($id, $path, $mode, $lifecycle, $paths, $next)
            ON CONFLICT DO UPDATE SET mode = $mode, lifecycle = $lifecycle, recycle_paths = $paths, recycle_next = $next
            """,
            ("$id", mount.ContextId), ("$path", mount.Origin), ("$mode", rules.UploadMode.ToString()),
            ("$lifecycle", rules.Lifecycle.ToString()), ("$paths", paths), ("$next", next));
    }

    /// <summary>Restarts the lifecycle of all data of a context, after a restore.</summary>
    internal static void RestartLifecycles(CatalogTransaction tx, string contextId, DateTimeOffset now) => tx.Execute(
        """
        UPDATE origins SET recycle_from = $now, recycle_next = CASE lifecycle WHEN 'Lifecycle_Forever' THEN NULL ELSE $due END
        WHERE context_id = $id
        """,
        ("$now", now), ("$due", DateTimeOffset.UnixEpoch), ("$id", contextId));

    /// <summary>Schedules an expiry check of origins without a due time, after a change other than an upload.</summary>
    internal static void Reconsider(CatalogTransaction tx, string contextId) => tx.Execute(
        "UPDATE origins SET recycle_next = $due WHERE context_id = $id AND recycle_next IS NULL AND lifecycle <> 'Lifecycle_Forever'",
        ("$due", DateTimeOffset.UnixEpoch), ("$id", contextId));

    internal static void SetNextRecycle(CatalogTransaction tx, string contextId, string path, DateTimeOffset? next) => tx.Execute(
        "UPDATE origins SET recycle_next = $next WHERE context_id = $id AND path = $path", ("$next", next), ("$id", contextId), ("$path", path));

    internal static bool IsDue(CatalogTransaction tx, string contextId, DateTimeOffset now) => tx.First(
        "SELECT 1 FROM origins WHERE context_id = $id AND recycle_next <= $now", r => r.GetInt64(0), ("$id", contextId), ("$now", now)) == 1;

    internal static List<string> DueContexts(CatalogTransaction tx, DateTimeOffset now) => tx.Query(
        "SELECT DISTINCT context_id FROM origins WHERE recycle_next <= $now", r => r.GetString(0), ("$now", now));

    private static OriginRow Map(SqliteDataReader r) => new(
        r.GetString(0), Enum.Parse<AgbUploadMode>(r.GetString(1)), Enum.Parse<AgbLifecycle>(r.GetString(2)),
        JsonSerializer.Deserialize(r.GetString(3), CatalogJson.Default.StringArray) ?? [], CatalogTransaction.Time(r, 4),
        CatalogTransaction.OptionalTime(r, 5));
}
