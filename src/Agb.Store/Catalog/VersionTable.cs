namespace Agb.Store;

/// <summary>A version's row.</summary>
internal sealed record VersionRow
{
    internal required string ContextId { get; init; }

    /// <summary>The number, given by the commit.</summary>
    internal long Version { get; init; }

    internal required DateTimeOffset CreatedAt { get; init; }

    internal required AgbVersionOrigin Origin { get; init; }

    /// <summary>The uploading session, or null.</summary>
    internal string? SessionId { get; init; }

    internal long FilesAdded { get; init; }

    internal long FilesChanged { get; init; }

    internal long FilesDeleted { get; init; }

    /// <summary>Bytes of the files added and changed.</summary>
    internal long Bytes { get; init; }

    /// <summary>Bytes of the previous version in files changed or deleted; null if unknown.</summary>
    internal required long? BytesRemoved { get; init; }

    /// <summary>The layers, topmost first.</summary>
    internal string Stack { get; init; } = "";
}

/// <summary>A layer to add to the catalog.</summary>
internal sealed record NewLayer
{
    internal required string Id { get; init; }

    internal required string ContextId { get; init; }

    internal required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Storage time of the content, or null when it differs between files.</summary>
    internal required DateTimeOffset? StoredAt { get; init; }

    /// <summary>Number of entries.</summary>
    internal required long Entries { get; init; }

    /// <summary>Whether the layer may have hard links.</summary>
    internal bool HasLinks { get; init; }
}

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

    internal static void InsertLayer(CatalogTransaction tx, NewLayer layer) => tx.Execute(
        "INSERT INTO layers (id, context_id, created_at, stored_at, entries, links) VALUES ($id, $context, $now, $stored, $entries, $links)",
        ("$id", layer.Id), ("$context", layer.ContextId), ("$now", layer.CreatedAt), ("$stored", layer.StoredAt), ("$entries", layer.Entries),
        ("$links", layer.HasLinks ? 1 : 0));

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
    internal static HashSet<string> Named(CatalogTransaction tx) => Stacks(tx).SelectMany(LayerStack.Parse).ToHashSet(StringComparer.Ordinal);

    /// <summary>The stacks of all versions and mounts.</summary>
    internal static List<string> Stacks(CatalogTransaction tx) => tx.Query("SELECT stack FROM versions UNION SELECT stack FROM mounts", r => r.GetString(0));

    /// <summary>Ids of all layers, condemned ones too.</summary>
    internal static HashSet<string> AllLayers(CatalogTransaction tx) =>
        tx.Query("SELECT id FROM layers", r => r.GetString(0)).ToHashSet(StringComparer.Ordinal);

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

    private static VersionRow Map(SqliteDataReader r) => new()
    {
        ContextId = r.GetString(0),
        Version = r.GetInt64(1),
        CreatedAt = CatalogTransaction.Time(r, 2),
        Origin = Enum.Parse<AgbVersionOrigin>(r.GetString(3)),
        SessionId = CatalogTransaction.OptionalText(r, 4),
        FilesAdded = r.GetInt64(5),
        FilesChanged = r.GetInt64(6),
        FilesDeleted = r.GetInt64(7),
        Bytes = r.GetInt64(8),
        BytesRemoved = CatalogTransaction.OptionalLong(r, 9),
        Stack = r.GetString(10),
    };
}
