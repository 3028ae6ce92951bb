using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Agb.Store;

/// <summary>A version's row.</summary>
internal sealed record VersionRow(
    string ContextId, long Version, DateTimeOffset CreatedAt, AgbVersionOrigin Origin, string? SessionId,
    long FilesAdded, long FilesChanged, long FilesDeleted, long Bytes, long? BytesRemoved, string Stack);

/// <summary>The part of a version relevant to retention of it and its layers.</summary>
internal readonly record struct KeptVersion(long Version, DateTimeOffset CreatedAt, string Stack);

/// <summary>Versions and layers in the catalog.</summary>
internal static class VersionTable
{
    private const string Columns =
        "context_id, version, created_at, origin, session_id, files_added, files_changed, files_deleted, bytes, bytes_removed, stack";

    internal static void Insert(CatalogTransaction tx, VersionRow row) => tx.Execute(
        $"INSERT INTO versions ({Columns}) "
        + "VALUES ($context, $version, $created, $origin, $session, $added, $changed, $deleted, $bytes, $removed, $stack)",
        ("$context", row.ContextId), ("$version", row.Version), ("$created", row.CreatedAt), ("$origin", row.Origin.ToString()),
        ("$session", row.SessionId), ("$added", row.FilesAdded), ("$changed", row.FilesChanged), ("$deleted", row.FilesDeleted), ("$bytes", row.Bytes),
        ("$removed", row.BytesRemoved), ("$stack", row.Stack));

    /// <summary>Appends a version as the newest of its context.</summary>
    /// <returns>The row as later readers see it: the catalog's times are coarser than the clock's.</returns>
    internal static VersionRow Append(CatalogTransaction tx, VersionRow row)
    {
        Insert(tx, row);
        ContextTable.SetHead(tx, row.ContextId, row.Version);
        ContextTable.Touch(tx, row.ContextId, row.CreatedAt);
        return Find(tx, row.ContextId, row.Version) ?? row;
    }

    internal static VersionRow? Find(CatalogTransaction tx, string contextId, long version) => tx.First(
        $"SELECT {Columns} FROM versions WHERE context_id = $context AND version = $version", Map,
        ("$context", contextId), ("$version", version));

    /// <summary>The stack of the context's newest version; empty when nothing was uploaded yet.</summary>
    internal static string HeadStack(CatalogTransaction tx, ContextRow context) =>
        Find(tx, context.Id, context.Head)?.Stack ?? "";

    /// <summary>The stack of the newest version, by the context's id.</summary>
    /// <exception cref="AgbException">ContextNotFound.</exception>
    internal static string HeadStack(CatalogTransaction tx, string contextId) =>
        HeadStack(tx, ContextTable.ById(tx, contextId) ?? throw AgbErrors.ContextNotFound(contextId));

    internal static List<VersionRow> OfContext(CatalogTransaction tx, string contextId) => tx.Query(
        $"SELECT {Columns} FROM versions WHERE context_id = $context ORDER BY version DESC", Map, ("$context", contextId));

    /// <summary>Versions with the data for retention, newest first.</summary>
    internal static List<KeptVersion> Kept(CatalogTransaction tx, string contextId) => tx.Query(
        "SELECT version, created_at, stack FROM versions WHERE context_id = $context ORDER BY version DESC",
        r => new KeptVersion(r.GetInt64(0), CatalogTransaction.Time(r, 1), r.GetString(2)), ("$context", contextId));

    /// <summary>Creation time of a context's oldest version; null without versions.</summary>
    internal static DateTimeOffset? OldestTime(CatalogTransaction tx, string contextId) => tx.First(
        "SELECT created_at FROM versions WHERE context_id = $context ORDER BY version LIMIT 1",
        r => (DateTimeOffset?)CatalogTransaction.Time(r, 0), ("$context", contextId));

    internal static void SetStack(CatalogTransaction tx, string contextId, long version, string stack) => tx.Execute(
        "UPDATE versions SET stack = $stack WHERE context_id = $context AND version = $version",
        ("$stack", stack), ("$context", contextId), ("$version", version));

    internal static int Delete(CatalogTransaction tx, string contextId, long version) => tx.Execute(
        "DELETE FROM versions WHERE context_id = $context AND version = $version", ("$context", contextId), ("$version", version));

    /// <summary>Adds a layer.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="id">The layer.</param>
    /// <param name="contextId">The context.</param>
    /// <param name="now">Creation time.</param>
    /// <param name="storedAt">Storage time of the content, or null when it differs between files.</param>
    /// <param name="entries">Number of entries.</param>
    /// <param name="hasLinks">Whether the layer may have hard links.</param>
    internal static void InsertLayer(
        CatalogTransaction tx, string id, string contextId, DateTimeOffset now, DateTimeOffset? storedAt, long entries, bool hasLinks) => tx.Execute(
        "INSERT INTO layers (id, context_id, created_at, stored_at, entries, links) VALUES ($id, $context, $now, $stored, $entries, $links)",
        ("$id", id), ("$context", contextId), ("$now", now), ("$stored", storedAt), ("$entries", entries), ("$links", hasLinks ? 1 : 0));

    /// <summary>Whether a stack may have hard links.</summary>
    internal static bool MayHaveLinks(CatalogTransaction tx, string stack) => tx.First(
        "SELECT 1 FROM layers WHERE id IN (SELECT value FROM json_each($ids)) AND links IS NOT 0 LIMIT 1", r => r.GetInt64(0),
        ("$ids", JsonSerializer.Serialize(LayerStack.Parse(stack), CatalogJson.Default.StringArray))) == 1;

    /// <summary>Storage time of each layer of a stack; null for unknown.</summary>
    internal static Dictionary<string, DateTimeOffset?> StoredAt(CatalogTransaction tx, string stack) => tx.Query(
        "SELECT id, stored_at FROM layers WHERE id IN (SELECT value FROM json_each($ids))",
        r => (r.GetString(0), CatalogTransaction.OptionalTime(r, 1)),
        ("$ids", JsonSerializer.Serialize(LayerStack.Parse(stack), CatalogJson.Default.StringArray))).ToDictionary(r => r.Item1, r => r.Item2);

    /// <summary>Creation time of each layer of a context, and its storage time if it is a single one.</summary>
    internal static Dictionary<string, (DateTimeOffset Created, DateTimeOffset? Stored)> LayerTimes(CatalogTransaction tx, string contextId) => tx.Query(
        "SELECT id, created_at, stored_at FROM layers WHERE context_id = $context",
        r => (r.GetString(0), (CatalogTransaction.Time(r, 1), CatalogTransaction.OptionalTime(r, 2))),
        ("$context", contextId)).ToDictionary(r => r.Item1, r => r.Item2);

    /// <summary>The context of a layer.</summary>
    internal static string? ContextOfLayer(CatalogTransaction tx, string id) =>
        tx.First("SELECT context_id FROM layers WHERE id = $id", r => r.GetString(0), ("$id", id));

    internal static bool HasLayer(CatalogTransaction tx, string id) =>
        tx.First("SELECT 1 FROM layers WHERE id = $id", r => r.GetInt64(0), ("$id", id)) == 1;

    internal static Dictionary<string, long> LayerEntries(CatalogTransaction tx, string contextId) => tx.Query(
        "SELECT id, entries FROM layers WHERE context_id = $context AND condemned = 0", r => (r.GetString(0), r.GetInt64(1)),
        ("$context", contextId)).ToDictionary(r => r.Item1, r => r.Item2);

    /// <summary>All layers referenced by a version or a mount.</summary>
    internal static HashSet<string> Named(CatalogTransaction tx) => tx.Query("SELECT stack FROM versions UNION SELECT stack FROM mounts", r => r.GetString(0))
        .SelectMany(LayerStack.Parse).ToHashSet(StringComparer.Ordinal);

    /// <summary>Filters layers: of missing contexts, and unused by any version or mount.</summary>
    internal static string[] Ownerless(CatalogTransaction tx, IEnumerable<string> ids)
    {
        var named = Named(tx);
        return [.. ids.Where(id => !named.Contains(id) && ContextOfLayer(tx, id) is { } context && ContextTable.ById(tx, context) is null)];
    }

    internal static void Condemn(CatalogTransaction tx, string id) =>
        tx.Execute("UPDATE layers SET condemned = 1 WHERE id = $id", ("$id", id));

    internal static List<string> Condemned(CatalogTransaction tx) =>
        tx.Query("SELECT id FROM layers WHERE condemned = 1", r => r.GetString(0));

    internal static void DeleteLayer(CatalogTransaction tx, string id) =>
        tx.Execute("DELETE FROM layers WHERE id = $id", ("$id", id));

    private static VersionRow Map(SqliteDataReader r) => new(
        r.GetString(0), r.GetInt64(1), CatalogTransaction.Time(r, 2), Enum.Parse<AgbVersionOrigin>(r.GetString(3)),
        CatalogTransaction.OptionalText(r, 4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7), r.GetInt64(8),
        CatalogTransaction.OptionalLong(r, 9), r.GetString(10));
}
