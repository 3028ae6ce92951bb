using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Agb.Store;

/// <summary>A path that a context was uploaded under, and what the policy of its last upload says of the data there.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="Mode">How it is stored.</param>
/// <param name="Lifecycle">How long it is kept.</param>
/// <param name="RecyclePaths">For what that holds: raw paths relative to the origin.</param>
/// <param name="RecycleFrom">Data counts as stored then at the earliest.</param>
/// <param name="NextRecycle">When something may be over; null for never.</param>
internal sealed record OriginRow(
    string Path, AgbUploadMode Mode, AgbLifecycle Lifecycle, IReadOnlyList<string> RecyclePaths, DateTimeOffset RecycleFrom,
    DateTimeOffset? NextRecycle);

/// <summary>The paths that contexts were uploaded under.</summary>
internal static class OriginTable
{
    private const string Columns = "path, mode, lifecycle, recycle_paths, recycle_from, recycle_next";

    internal static List<OriginRow> OfContext(CatalogTransaction tx, string contextId) => tx.Query(
        $"SELECT {Columns} FROM origins WHERE context_id = $id ORDER BY path", Map, ("$id", contextId));

    /// <summary>Notes an upload under a mount's origin, whose policy counts from now on.</summary>
    internal static void PutUploaded(CatalogTransaction tx, MountRow mount, DateTimeOffset now)
    {
        var recycle = mount.Policy.Recycle;
        var paths = JsonSerializer.Serialize(
            [.. recycle.Paths.Select(p => PathFilter.Relative(p, mount.Path))], CatalogJson.Default.StringArray);
        var before = OfContext(tx, mount.ContextId).Find(o => o.Path == mount.Origin);
        // What was uploaded now is over later than all that was there before. Under another policy that may be over already.
        DateTimeOffset? next = recycle.Lifecycle == AgbLifecycle.Lifecycle_Forever ? null
            : before is not null && before.Lifecycle == recycle.Lifecycle
                && JsonSerializer.Serialize([.. before.RecyclePaths], CatalogJson.Default.StringArray) == paths
                ? before.NextRecycle ?? now + TimeSpan.FromDays((int)recycle.Lifecycle)
            : DateTimeOffset.UnixEpoch;
        tx.Execute(
            """
            INSERT INTO origins (context_id, path, mode, lifecycle, recycle_paths, recycle_next) VALUES ($id, $path, $mode, $lifecycle, $paths, $next)
            ON CONFLICT DO UPDATE SET mode = $mode, lifecycle = $lifecycle, recycle_paths = $paths, recycle_next = $next
            """,
            ("$id", mount.ContextId), ("$path", mount.Origin), ("$mode", mount.Policy.Upload.UploadMode.ToString()),
            ("$lifecycle", recycle.Lifecycle.ToString()), ("$paths", paths), ("$next", next));
    }

    /// <summary>Has all data of a context count as stored now: for what was brought back.</summary>
    internal static void RestartLifecycles(CatalogTransaction tx, string contextId, DateTimeOffset now) => tx.Execute(
        """
        UPDATE origins SET recycle_from = $now, recycle_next = CASE lifecycle WHEN 'Lifecycle_Forever' THEN NULL ELSE $due END
        WHERE context_id = $id
        """,
        ("$now", now), ("$due", DateTimeOffset.UnixEpoch), ("$id", contextId));

    /// <summary>Has a context looked at where nothing was going to be over: data came by another way than an upload.</summary>
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
